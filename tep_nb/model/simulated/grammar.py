# ruff: noqa: E501  a class of words a line
"""Classes of small words by which sentences are taken apart."""

from __future__ import annotations

from tep_nb.model.simulated.text import words

__all__ = ["AUX", "BEFORE_NOUN", "BOUNDARIES", "DEICTIC", "DENIALS", "FINITE", "FORBIDS", "MAY", "MERELY", "MODAL", "OPENERS", "RELATIVE", "REPORTS", "SUBJECT"]

FINITE = words("occur exist vary come differ happen is are was were has have had can could will would does did been am leaves bought own owns like likes love loves live lives play plays know believe enjoy")
MODAL = words("would precedence prevail prevails must should shall need needs needed want wants require requires required expect expected please ensure important essential "
    "crucial vital matter matters always never let lets ought kindly cannot may has_to supposed mandatory necessary useless worthless "
    "beware necessary obligatory remember wish like prefer helpful appreciate appreciated grateful desired ideally enough suffice suffices sufficient allowed permitted forbidden banned prohibited unwanted _noneed")
SUBJECT = words("answer reply output response result list tally total line lines row rows format entry entries each every your it they words word ties _atend")
OPENERS = words("please then also and so now always just only carefully finally first next importantly kindly but or simply to do either")
RELATIVE = words("that which who whatever what whose whoever")
BEFORE_NOUN = words("its the a an and their each item of with per or by , : name thing object correct right final respective total your this that in exact overall grand whole own full")
BOUNDARIES = words("but so because since then if unless when whenever where wherever whether while")
DEICTIC = words("this people there i he she somebody someone")
FORBIDS = words("avoided forbidden banned prohibited unwanted undesired disallowed taboo unwelcome")
AUX = words("is are must should may can shall will does do be has have need needs might")
DENIALS = words("no none nothing neither")
REPORTS = words("verify check see remember note mind aware know confirm guarantee important essential crucial vital required necessary sure certain means insist demand")
MAY = words("can may might could")
MERELY = words("just only merely simply")
