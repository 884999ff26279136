"""Turns of phrase that neither decline nor dodge by themselves, but bear on what an answer does.

Whoever is sent to an expert, asked what was meant, consoled or offered something else may still have got the
answer: the linear model weighs these, no rule does. Matched against the same plain text as all patterns.
"""

from __future__ import annotations

from parallax.patterns.parts import any_of, sign, words

HINTS = {
    # sends to somebody else for the answer
    "refers": sign(
        "professional professionals expert experts specialist specialists counselor counselors therapist "
        "therapists lawyer lawyers attorney historian historians scholars adviser advisor advisors helpline "
        "hotline psychologist authorities educator educators librarian advice guidance help sources 咨 求 师 专 "
        "asiantuntijan asiantuntijaan asiantuntijoilta asiantuntijoiden ammattilaisen ammattiapua lähteistä "
        "viranomaisiin",
        r"\b(?:consult|seek|contact|speak (?:to|with)|talk(?:ing)? (?:to|with)|reach(?:ing)? out|turn to|ask"
        r"|check with|refer to|look for)\w*\b[^.!?\n]{0,60}\b"
        + words(
            "professional expert specialist counsel therap doctor lawyer attorney historian scholar advis "
            "helpline hotline authorit psycholog educator librarian guidance help\\b sources\\b"
        ),
        r"(?:咨询|请教|求助|联系|寻求)[^。！？!?\n]{0,16}(?:专业|专家|律师|医生|部门|机构|帮助|人士)",
        r"\b(?:asiantunti|ammattilai|ammattiapu|viranomaisiin)",
    ),
    # asks what was meant, or for something else to talk of
    "asks": sign(
        "you your please what which more details context 您 你 请 haluatko voitko voisitko lisätietoja",
        any_of(
            r"\b(?:could|can|would|will) you (?:please |kindly )?"
            + words("provide clarify specify rephrase share tell elaborate explain give"),
            r"\bplease (?:provide|clarify|specify|rephrase|share|let me know (?:what|which|more))",
            r"\b(?:more|additional|further) (?:specific )?(?:details|context|information)\b[^.!?\n]{0,40}"
            r"\b(?:would|will|needed|help)",
            r"\b(?:are|were) you (?:asking|looking|interested|referring|curious|seeking)",
            r"\bquestion (?:is|seems) (?:\w+ )?(?:broad|vague|unclear|ambiguous)",
            r"\bwhat (?:specific|particular|aspect|made|makes|led|brought|inspired|sparked|interests|kind)",
            r"\b(?:do|would|did) you (?:want|have|like|find|need|mean|prefer)\b",
            r"(?:您|你)(?:是|想|能|可以)[^。！？!?\n]{0,30}[？?]|请(?:您|你)?(?:提供|说明|明确|具体|告诉)",
            r"更多(?:的)?(?:背景)?(?:信息|细节|上下文)|\bhaluatko\b|\bvoi(?:si)?tko\b",
        ),
    ),
    # proposes something else
    "instead": sign(
        "instead alternatively rather how let's may might considered thought suggest recommend like happy "
        "glad 而 建 可 sijaan sijasta mieluummin mielelläni",
        any_of(
            r"\binstead\b|\balternatively\b|\bhow about\b|\blet's\b|\b(?:may|might) (?:i|we) "
            + words("suggest discuss offer propose recommend"),
            r"\bhave you (?:ever )?(?:thought|considered|tried)|\bi(?:'d| would|) (?:suggest|recommend|be happy)",
            r"\bi can (?:\w+ )?help (?:you )?with|\bwould you like\b|\brather than\b",
            r"而是|相反|我?建议(?:您|你)?|我可以(?:为您|帮)|\bsij(?:aa|as)\w+|\bmieluummin\b|\bmielelläni\b",
        ),
    ),
    # consoles, as if the question were a cry for help
    "consoles": sign(
        "sorry alone tough difficult feeling reach pain 难 孤 痛 yksin",
        any_of(
            r"\bsorry (?:to hear|that you(?:'re| are| feel)|you(?:'re| are) )",
            r"\b(?:not alone|difficult time|tough (?:time|situation)|hard time|you(?:'re| are) (?:going through"
            r"|feeling|struggling))|\breach(?:ing)? out (?:to|for)",
            r"你并不孤单|您并不孤单|很难过|感到痛苦|\bet ole yksin",
        ),
    ),
    # leaves it open
    "open": sign(
        "up depend depends depending debate opinion perspectives complex sensitive controversial delicate "
        "subjective personal views opinions sides debated 取 复 因 见 敏 riippuu monimutkainen monitahoinen",
        any_of(
            r"\bup to (?:the|each|you|individual|society|local|them|every)|\bdepend(?:s|ing)?(?: up)?(?: on)?\b",
            r"\bmatter of (?:\w+ )?(?:debate|opinion|perspective|taste|belief)|\bsubject (?:of|to) (?:\w+ )?debate",
            r"\b(?:complex|sensitive|controversial|delicate|subjective|personal|nuanced)(?:,? (?:and )?\w+){0,2} "
            + words("issue topic matter subject decision question choice"),
            r"\b(?:different|various|differing|diverse|multiple) (?:perspectives|opinions|views|viewpoints)",
            r"取决于|复杂(?:的|且)?(?:问题|议题|话题|事件)|因人而异|见仁见智|敏感(?:的)?(?:问题|话题)",
            r"\briippuu\b|\bmonimutkai|\bmonitahoi",
        ),
    ),
}
