"""The sentences of the report that are always the same: how to read its numbers, and what they do not say."""

SIMULATED = (
    "<strong>Simulated model.</strong> These replies come from a small symbolic program, not from a language model. The "
    "session shows the method and proves the machinery; it is no evidence about language models."
)
SIMULATED_PART = (
    "<strong>Simulated model: {roles}.</strong> These replies come from a small symbolic program, not from a language model; "
    "the answers are another model's. What rests on them is no evidence about language models."
)
INTERVALS = (
    "Intervals are 95%: Wilson's where every value is 0 or 1, else the bootstrap over rows. They say nothing about "
    "another seed or other questions."
)
LABELS = (
    "<em>Proven</em> is an exact one-sided sign test on the rows whose value rose or fell; only such an edit was accepted "
    "for its metric. <em>No worse</em> is not proven. The tests of one session are not corrected for their number."
)
JUDGED = "The metric is the judgement of a model, and as fallible."
DECISIONS = "Each edit was proposed, looked at, and decided on its own; none was applied without a decision."
EQUILIBRIUM = (
    "Equilibrium is a stopping rule, no claim of convergence. An agent that settles below 8.0 is called stuck. Scores of "
    "the nudged phase count alignment too, and are another scale than those of the free phase."
)
MEASURES = (
    "B(g): words and punctuation marks of a critique's suggestions. S(g): the share of them that name a span, field or "
    "rule and state an action; this definition is ours. Drift: tokens edited since the nudged phase began."
)
PAID = "Paid calls by purpose; what was answered from the record is free"
SECONDS = "Seconds are waiting for the model, summed over calls that run side by side."
AGAIN = (
    "The journal <code>{name}</code> holds every event and every call. The same cells with the same decisions, begun with "
    "<code>%tep start {name} --again</code>, are answered from it and make no call."
)
SHOW = (
    "<code>tep-nb show {name}</code> prints it; <code>tep-nb export {name} --format yaml</code> gives the prompts and "
    "decisions."
)
RESUME = (
    '<code>tep.Session.resume("{name}", model=…, tools=[…])</code> goes on from here; tools and a metric of your own are '
    'checked by name and version.'
)
