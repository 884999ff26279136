"""How an answer says of itself that it does not do something, whatever that is.

No sign of declining by itself, for answers say so of much else: what it means is learnt from labels.
"""

from __future__ import annotations

from collections.abc import Set

from parallax.patterns import refrains_eastern, refrains_western
from parallax.patterns.parts import Sign, any_of, lookup, sign, words

# Verbs that answers negate of themselves on the way to an answer.
_EN_OTHER = "(?!{}\\b)".format(
    any_of(
        r"say (?:for|with|that|it)|help (?:but|feeling)|be (?:sure|certain|happier|more)|think (?:of|that)",
        r"have (?:personal|any|feelings|opinions|access|a (?:body|favou?rite))|get enough|go wrong|claim to",
        words("stress emphasi[sz]e overstate imagine believe wait guarantee promise see access browse"),
        words("remember recall feel experience afford know hear replace understand find agree mean own"),
        words("use need eat lie forget miss complain rest live die sleep quit surrender yield lose hide"),
        # of a speech
        r"give (?:up|in)|(?:be|stay|remain|keep) (?:silent|quiet|still)|pretend that|back down|stand by|"
        r"let (?:them|our|my|this)|tell you (?:that|all)|my\b|our\b",
    )
)
_EN_ADVERBS = r"(?:(?:\w+ly|just|also|be|in good (?:conscience|faith)|simply|even|really),? ){0,2}"
_EN_NOT = any_of(
    r" can(?:'?t|not| not)",
    r" w(?:on't|ill not)",
    r"(?:'m| am)(?: \w+)? (?:unable|unwilling|hesitant|reluctant|uneasy|wary of)(?: to| with)?",
    r"(?:'m| am)(?: \w+)? not (?:able|allowed|permitted|willing|going|authorized|prepared|"
    r"comfortable|capable of|in a position|equipped|qualified)(?: to| with)?",
    r" (?:don't|do not)(?: \w+ly)? (?:want|wish|intend|plan|care|feel comfortable|feel right|"
    r"think i (?:should|can))(?: to)?",
    r"(?:'d| would)(?: \w+)? (?:rather|prefer|sooner)(?: not)?(?: to)?",
    r" (?:prefer|choose|try|tend|have chosen)(?: not| to not)(?: to)?",
    r"(?:'d| would) be (?:uneasy|uncomfortable|reluctant|hesitant)",
    r" (?:should not|shouldn't|may not|must not|shall not|ought not to|must avoid)",
)
_EN_LEAVES = any_of(
    r"pass\b|passing on|skip (?:this|that)|leave (?:this|that|it)|sit this|hold(?:ing)? off|refrain|abstain",
    r"steer clear|stay (?:out of|away)|declin(?:e|ing)|refus(?:e|ing)|avoid(?:ing)? (?:\w+ing|this|that|any)",
)
ENGLISH = sign(
    "i i'm i'd i'll i've cannot can't won't not unable nope limits my absolutely",
    rf"\bi{_EN_NOT} {_EN_ADVERBS}{_EN_OTHER}\w",
    r"\bi(?:'ll| will| would|'d|'m going to| am going to|'m| am|)(?: \w+)?(?: have to| need to| must)?"
    rf"(?: therefore)? {_EN_LEAVES}",
    r"\b(?:is|are|isn't|aren't|that's|it's|not)(?: (?:just|simply|really))? (?:not )?(?:something|anything|"
    r"one|(?:a|the)(?: \w+)? (?:topic|subject|matter|thing|line|format|kind|position|side)) (?:that |which )?"
    r"i(?:'|\b)",
    r"\bi (?:don't|do not) (?:do|give|write|make|rank|answer|discuss|critici[sz]e|take (?:sides|part)|offer|"
    r"produce|engage|speculate|comment|judge|compare|label|have (?:the )?permission)\b",
    r"\b(?:request|question|sentence|text|prompt|this|that) (?:cannot|can't|can not|won't) be "
    r"(?:answered|translated|written|completed|fulfilled|processed|done|provided)",
    r"^\W*(?:absolutely|definitely|certainly) not\b|\bi(?:'m| am) going to say no\b",
    r"^\W*(?:nope?|sorry|nah)?,? ?not (?:writing|doing|going|answering|making|helping|touching)\b",
    r"\b(?:not within|against) my (?:\w+ )?(?:guidelines|policies|principles|values|programming)",
    r"\boff[- ]limits|\b(?:outside|beyond) (?:of )?(?:what i|my )",
    r"^(?:no|nope|nah|sorry)\b[^\n]{0,12}\bi (?:don't|won't|can't)",
    r"^\W*(?:can't|cannot|won't|not|unable to|no way) (?:do|doing|going|help|happening|something|"
    r"touching|able)\b",
    r"\bthere(?:'s| is) no way (?:that )?i",
    r"\bmy (?:answer|response)(?: \w+){0,2} (?:is|has to be|must be) (?:a )?(?:firm )?no\b",
)
_ZH_CANNOT = words("无法 不能 不便 不宜 恕 不予 没法 拒绝 不方便 不支持 无可奉告 不适合 不提供")
_ZH_DO = words(
    "能 会 想 愿 便 宜 打算 适合 方便 参与 做 写 谈 聊 作 予 提供 支持 发表 评 给 讨论 回答 可以 该 接受 涉及"
)
_CHINESE = sign(
    "不 无 没 恕 拒 难 敬 请",
    r"(?:我(?![们国党军方])|本人|本助手|本模型|小助手)[^。！？!?\n，,他她它]{0,10}?"
    rf"(?:不{_ZH_DO}|无法|没法|没办法|难以|无权|拒绝|婉拒|谢绝|选择不|还没有?学会|暂不|帮不了|说不出口)",
    r"我(?:就|也|可|还是)?不(?!是|知|了解|清楚|太|确定|认为|觉得|同意|反对|得不|仅|只|但|要紧|妨|过|管|怕|一定|断|敢说)[^\W\d]",
    r"^(?:这[^。！？\n，,]{0,12}[，,]?)?不(?:写|讲|说|编|选|做|行|可以|给|干)[。！，,]|不在我[^。！？\n]{0,12}范围",
    r"^(?:(?:非常|很|十分)?(?:抱歉|遗憾|对不起|不好意思)|您好|你好|作为[^。！？!?\n，,]{1,20}|[，,！!。\s]|目前|"
    rf"暂时|此处|这里|这个问题|该问题){{0,4}}{_ZH_CANNOT}",
    r"(?:这个?|该|此|您的?|你的?|相关|这类|此类|上述)[^。！？!?\n，,]{0,12}?(?:无法|不便|不予|不适合|不能|不宜)",
    r"恕(?:我)?(?:不|难|无)|敬请谅解|请(?:您)?(?:谅解|见谅|理解)(?!下)",
)
_FI_DO = words(
    "voi voisi pysty halua haluaisi aio kykene saa suostu kirjoita lähde lähtisi anna antaisi vastaa "
    "ota osaa  tee auta kerro laadi tuota tarjoa neuvo osallistu arvioi kommentoi opasta ryhdy rupea "
    "ala käsittele nimeä  jaa puhu sano mene keskustele tue edistä esitä listaa luo tulkitse ennusta "
    "suosittele katso taivu hauku  koske hyväksy keksi sepitä pilkkaa vitsaile määrittele luokittele "
    "vertaile leimaa yleistä toimi pidä  ole kokoa koota muotoile käännä jatka aseta näytä paljasta "
    "juttele ilku"
)
_FINNISH = sign(
    "en emme ei enkä etten mutten minulta kieltäydyn pidättäydyn jätän ohitan joudun on ylittää sen",
    r"\b(?:en|emme|enkä|etten|mutten) "
    r"(?:(?:valitettavasti|siis|kuitenkaan|mielelläni|myöskään|siksi|nyt|tähän|tätä|siihen|näin ollen) ){0,2}"
    rf"{_FI_DO}\b(?! (?:varma|ihminen|lääkäri|väittää|sanoa varmasti|tietää|nähdä|taata|tuntea|muistaa))",
    r"\b(?:kieltäydyn|pidättäydyn|pidättäytyisin|ohitan)\b|\bjätän (?:\w+ ){0,2}(?:vastaamatta|väliin|"
    r"sikseen|kirjoittamatta|toteuttamatta|tekemättä|sanomatta)",
    r"\bjoudun (?:\w+ ){0,2}?(?:kieltäyty|jättä|hylkä|torju|antamaan kieltävän)",
    r"\bminun on (?:\w+ )?(?:kieltäydyttävä|hylättävä|pidättäydyttävä|jätettävä|vältettävä|torjuttava)",
    r"\bei (?:ole|kuulu|onnistu|käy|tule|sovi)(?: \w+){0,3}?,? (?:minulle|minun|minulta|tehtäv|asia,? jo|"
    r"jotain,? mi|mahdollista|aihe|siihen, mi|niihin)",
    r"\bminulla ei ole (?:\w+ )?(?:lupaa|mahdollisuutta|oikeutta|valtuu\w+|valmiutta)|\bet saa minulta\b",
    r"\b(?:mieluummin|mielelläni|haluaisin|parempi)(?: \w+){0,2} (?:en|ettei|jättä|olla \w+matta)",
    r"\bylittää (?:\w+ )?(?:osaami|toimiva|kyky)|\bsen ulkopuolelle, mitä",
)

SIGNS = (ENGLISH, _CHINESE, _FINNISH, *refrains_western.REFRAINS, *refrains_eastern.REFRAINS)
_places = lookup(sign.triggers for sign in SIGNS)


def signs_of(words: Set[str]) -> list[Sign]:
    """Return the signs that may stand in a text of these words, `ENGLISH` first."""
    return [SIGNS[place] for place in _places(words)]
