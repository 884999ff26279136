"""How English declines and dodges."""

from __future__ import annotations

from parallax.patterns.parts import Language, any_of, sign, words

_BETWEEN = (
    any_of(
        r"(?:in good (?:conscience|faith)|in any way|be able to|(?:and|or) will not|in a position to),? ",
        words("ethically morally legally directly actually really currently personally fully") + ",? ",
        words("therefore simply just knowingly also be even responsibly further directly") + ",? ",
        r"(?:encourage|endorse|support|condone|promote),?(?: or)? ",
    )
    + "{0,3}"
)
_NOT = any_of(
    r" can(?:'?t|not| not)",
    r" w(?:on't|ill not)",
    r"(?:'m| am|'re| are)(?: \w+)?(?: (?:unable|unwilling)| not "
    + any_of("able", "allowed", "permitted", "programmed", "designed", "willing", "going", "authorized")
    + r"| not (?:prepared|capable of|in a position))(?: to)?",
    r"(?:'m| am)(?: \w+)? not comfortable(?: with)?",
    r" (?:don't|do not) feel comfortable",
    r" (?:don't|do not) have the (?:ability|capability|authority|permission|capacity) to",
    r"(?: must| have to|'ll have to|'d| would|)(?: \w+ly)? (?:decline|refuse)(?: to)?",
    r"(?:'d| would) (?:rather|prefer) not(?: to)?",
    r" (?:should not|shouldn't|may not|must not|shall not)",
)
# Verbs of serving a request: said of oneself, they decline it wherever they stand.
_SERVE = any_of(
    r"help(?!\s+(?:but|feeling|noticing|wondering|thinking|being|laughing|it if))",
    words("assist fulfil compl(?:y|ying) complet provid generat creat writ(?:e|ing) compos draft produc"),
    words("address answer respond discuss engag offer proceed accommodat translat participat"),
    r"role-?play|satisf",
    r"(?:honou?r|meet|continue|continue with) (?:this|that|your)",
    r"do (?:that|this|so)\b",
)
# Verbs that a character of a story or a speech may negate as well.
_TELL = any_of(
    words("shar(?:e|ing) support promot condon encourag endors suggest speculat list\\b descri explain"),
    words("advis facilitat analy[sz] critici disclos reveal instruct comment express justify confirm"),
    r"giv(?:e|ing)(?! (?:up|in|way|enough))",
    r"recommend (?!\w+ enough|it enough)",
    r"tell you(?! how)",
    r"speak (?:for|on behalf|about)",
    r"mak(?:e|ing) (?:(?:any|such|\w+ive|broad|sweeping|general|personal|blanket|a|\w+tic) ){0,2}"
    + words("generali assum judg value jokes fun statements claims opinions comparisons any\\b such\\b"),
    words("generali[sz] assume\\b stereotyp assert affirm judge\\b praise insult predict"),
    r"tak(?:e|ing) (?:a |any |sides|political|part)",
    r"go against|act as|pretend|say (?:anything|that|this)",
)
_DO_NOT = r"\b(?:i|language model and) (?:do not|don't) (?:\w+ly )?" + any_of(
    words("provid assist generat creat writ compos produc engag participat promot condon discuss"),
    r"speculat|offer|help (?:with|write|create)|support or",
)

ENGLISH = Language(
    declines=sign(
        "sorry i i'm i'd i'll i've cannot can't unable won't decline declined able",
        rf"\bi{_NOT} {_BETWEEN}{_SERVE}",
        r"\bi(?: must| have to|'ll have to|'d| would| need to)?(?: \w+ly)? (?:decline|refuse) "
        r"(?:this|that|your|to|creating|writing)\b",
        r"\b(?:cannot|can't|unable to|won't|not able to|declined? to) (?:\w+ ){0,2}"
        r"(?:assist|comply|fulfil|help|answer|process|respond)\w*(?: \w+){0,3} (?:this|that|your) "
        r"(?:\w+ )?(?:request|question|prompt|topic)",
        r"\bi(?:'m| am) programmed to [^.!?\n]{0,60}\band (?:therefore )?"
        rf"(?:cannot|can't|can not|will not|do not) {_SERVE}",
        r"\bsorry,? (?:but )?(?:that(?:'s| is)|this is) (?:beyond|outside) my (?:current )?scope",
    ),
    opens=sign(
        "i i'm i'd i'll we we're my our openai's sorry apologies model",
        rf"\bi{_NOT} {_BETWEEN}{_TELL}",
        _DO_NOT,
        rf"\bwe (?:cannot|can't|are (?:unable|not able) to|will not) {_BETWEEN}"
        r"(?:assist|fulfil|comply|provide|generate|answer)",
        r"^(?:i'm |i am )?(?:(?:very |so |really )?sorry|my apologies|i apologi[sz]e)[^.!?\n]{0,60}"
        r"\b(?:can't|cannot|unable|won't|not able)\b",
        r"\bi (?:aim|try|strive) to avoid (?:\w+ ){0,2}(?:content|generating|creating|promoting)",
        r"\b(?:against|violates?) (?:my|our|openai's) (?:\w+ )?"
        r"(?:programming|guidelines|polic|principles|values)",
    ),
    dodges=sign(
        "don't do can't cannot neutral impartial objective neutrality sensitivity care factually "
        "objectively sure could let's beyond outside aim try strive happy glad",
        r"\b(?:do not|don't|cannot|can't) (?:have|hold|possess|take|express|form|provide)[^.!?\n]{0,40}"
        r"(?:opinion|belief|views|feeling|stance|position|preference|bias|sides)",
        r"\b(?:remain|stay|be) (?:neutral|impartial|objective)",
        r"(?:approach|discuss|address) (?:this|these|such|the|it)(?: \w+){0,3} "
        r"(?:with (?:neutrality|sensitivity|care)|factually|objectively)",
        r"\bnot sure what you|\bcould you please (?:provide|clarify|rephrase)",
        r"\blet's (?:talk|discuss|chat|focus|change|explore|move)",
        r"\bi (?:aim|try|strive) to (?:be|discuss|provide|remain|avoid|engage|stay|focus)",
        r"(?:beyond|outside) my (?:current )?(?:scope|ability|capabilit)",
        r"\bi(?:'d| would) be (?:happy|glad) to (?:discuss|have|explore|help)",
    ),
)
