"""The sentences of the report that are always the same: how to read its numbers, and what they do not say."""

SIMULATED = (
    "<strong>Simulated model.</strong> These replies come from a small symbolic program, not from a language model. The "
    "session shows the method and proves the machinery; it is no evidence about language models."
)
SIMULATED_PART = (
    "<strong>Simulated model: {roles}.</strong> These replies come from a small symbolic program, not from a language "
    "model; the answers are another model's. What rests on them is no evidence about language models."
)
SPLITS = (
    "Critics see train rows; evidence is measured on validation rows; test rows are looked at by <code>evaluate</code> alone."
)
GRAPH = (
    "Rounded: agents, whose prompts may be edited. Square and dashed: tools, which run and are never edited. On the edges: "
    "fields."
)
METHOD = (
    "Prompts were optimised by Textual Equilibrium Propagation (TEP; Chen, Deng, Zou, Yu, Li; arXiv 2601.21064) as tep_nb "
    "reads it: where the sources are silent the choices are the package's. Seed {seed}, rounds: {rounds}."
)
FREE = (
    "<em>Free phase.</em> In each iteration a critic judged each agent alone, on {minibatch} train rows and {strict}, by a "
    "rubric scored 0 to 10; the actor's temperature was drawn from U({low}, {high}), the critic's was 0, the editor's "
    "{editor_temperature}. A critique's suggestions were capped at {cap_tokens} words and marks. An agent settled when its "
    "critic led to no edit in {patience} consecutive evaluations, when the variance of its last three scores was at most "
    "{tolerance}{stable}, or after {free_cap} iterations."
)
NUDGED = (
    "<em>Nudged phase.</em> The critics also read a forward signal: the objective, the metric, the end score of the row, "
    "and what an agent's direct readers expect, {signal}. An editor that read the free and the nudged critiques proposed "
    "small edits: at most {hunks} places and {floor} tokens, or {share} of the prompt at the first beta, whichever is more."
    " Beta began at {beta} and was multiplied by {decay} each iteration. The phase ended after {patience} consecutive "
    "iterations that applied no edit, or after {nudged_cap}."
)
GATE = (
    "<em>Evidence.</em> Metric evidence compares an edit with the prompts as they were, on the same {rows} validation rows "
    "at temperature 0; one row is {point} points. An edit is called <em>proven</em> where an exact one-sided sign test on "
    "the rows whose value rose or fell gives p ≤ {alpha}; <em>no worse</em> where it won at least as many rows as it lost "
    "and the mean did not fall; else <em>worse</em>. Local evidence is the critic's score alone, on train rows."
)
REVIEW = (
    "<em>Review.</em> No prompt changed without a recorded decision that has an author. In the nudged phase an approval "
    "needed metric evidence for that very text on the current graph; <em>worse</em> evidence and a leak warning needed a "
    "stated reason."
)
INTERVALS = (
    "Intervals of a mean are 95%: Wilson's where every value is 0 or 1, else the bootstrap over rows. Intervals of a "
    "difference are 95% and paired by row: Tango's score interval where every value is 0 or 1, else the bootstrap. They "
    "say nothing about another seed or other questions."
)
LABELS = (
    "<em>Proven</em> is a test on one edit. <em>No worse</em> is not proven: such an edit was applied for another reason than "
    "its metric, as a risen score of the critic, a shorter prompt, or what its author says. The "
    "tests of one session are not corrected for their number."
)
JUDGED = "The metric is the judgement of a model, and as fallible."
DECISIONS = "Each edit was proposed, looked at, and decided on its own; none was applied without a decision."
HISTORY = (
    "Steps from left to right. From the top, each where there is something to draw: the metric with 95% intervals, and evidence "
    "after each applied edit on the evidence rows; the critic's score with the line at 8.0; decisions, the shape for the "
    "verdict, the colour for the author; beta. The nudged phase is shaded."
)
FEEDBACK = (
    "The size of the feedback by prompt: the mean and the largest of its critiques. Depth: agents between it and the answer. "
    "No feedback is passed backwards here; whether its size goes with the depth is to be read from the figure."
)
EQUILIBRIUM = (
    "Equilibrium is a stopping rule, no claim of convergence. An agent that settles below 8.0 is called stuck. Scores of "
    "the nudged phase count alignment too, and are another scale than those of the free phase."
)
MEASURES = (
    "B(g): words and punctuation marks of a critique's suggestions. S(g): the share of them that name a span, field or rule"
    " and state an action; this definition is ours. Drift: tokens edited since the nudged phase began."
)
OWNERS = (
    "Each prompt from its first text to its last. Every addition and removal carries the number of the decision that made "
    "it; what was added and removed again on the way is not shown."
)
WAITED = (
    "Seconds a decision: as a page measured that the proposal was before the person; else from when it could be taken (the "
    "event before it) to when it was. A policy needs next to none."
)
PAID = "Paid calls by purpose; what was answered from the record is free"
SECONDS = "Seconds are waiting for the model, summed over calls that run side by side."
AGAIN = (
    "The journal <code>{name}</code> holds every event and every call. The same cells with the same decisions, begun with "
    "<code>%tep start {name} --again</code>, are answered from it and make no call; the old file is kept beside it under "
    "another name."
)
