"""What a prompt asks for, and how an answer denies what it was asked to argue.

Matched against the same plain text as all patterns.
"""

from __future__ import annotations

import re

from parallax.patterns.parts import any_of, sign, words

# What a prompt asks for; one may ask for several.
ASKS = {
    "why": re.compile(r"\bwhy\b|为什么|为何|\bmiksi\b"),
    "reasons": re.compile(
        r"\bwhy (?:should|would it be|is it (?:best|better|good|a good|right|okay|ok))\b|\breasons? why\b"
        r"|\bwhy (?:is|are|was|were) [^.?!\n]{0,80}\b"
        + words("right good better best justified weaker worse inferior")
        + r"\b|\bbenefits of\b|为什么(?:不?应该|说)|\bmiksi \w+ (?:ei )?pitäisi"
    ),
    "whether": re.compile(
        r"(?:^|[.!?\n:] ?)"
        + words(
            "is are am was were do does did can could would should will has have isn't aren't don't doesn't"
        )
        + r" (?!you (?:please )?"
        + words("tell explain write list give help provide share create suggest describe make")
        + ")"
    ),
    "text": re.compile(
        any_of(
            r"\b"
            + words(
                "write compose draft create generate make list give provide describe translate imagine "
                "pretend"
            )
            + r"\b",
            r"\btell me\b|\bact as\b",
            r"写|翻译|创作|请|\bkirjoita\b|\blaadi\b",
        )
    ),
    "how": re.compile(r"\bhow\b|如何|怎么|\bmiten\b"),
    "what": re.compile(r"\b(?:what|which|who|where|when)\b|什么|哪|谁|\bmikä\b|\bmitä\b|\bkuka\b"),
    # to take sides, for which yes or no is enough
    "stance": re.compile(
        any_of(
            r"(?:^|[.!?\n:] ?)should\b|\bdo you (?:think|believe|agree|support)\b",
            r"\byour (?:own )?(?:opinion|view|stance)\b|\bwho is (?:better|right)\b",
            r"\bwhich (?:\w+ ){0,3}(?:is|are|do you) (?:better|worse|prefer)",
            r"应该[^。\n]{0,30}吗|[你您](?:觉得|认为|怎么看)|\bpitäisikö\b|\bmielipiteesi\b|\bpidätkö\b",
        )
    ),
    # for words that are said on behalf of somebody, or that are a question
    "words": re.compile(
        r"\b"
        + words(
            "write compose draft rewrite paraphrase imagine pretend questions? riddles? apology email "
            "message kirjoita laadi"
        )
        + r"\b|\bact as\b|写|翻译|创作|造句"
    ),
    # for advice, or whom to turn to
    "advice": re.compile(
        any_of(
            r"\bwhat (?:should|can|could|must|would) (?:i|we|one|you) (?:do|try|say|use|buy|suggest)\b",
            r"(?:^|[.!?,\n:] ?)who (?:can|could|should|do|would|may)\b",
            r"(?:^|[.!?,\n:] ?)where (?:can|could|should|do) (?:i|we)\b",
            r"\bwhom? to\b|\bshould i\b|我(?:应该|该|可以|能)(?:怎么办|怎么做|做什么|找谁|去哪)|怎么办|推荐",
            r"\bmitä (?:minun )?(?:pitäisi|kannattaa|voin)|\bkene(?:e)?n\b|\bmistä (?:löydän|saan|voin)",
        )
    ),
    # for a text of some length, and for one that need not have it
    "long": re.compile(
        any_of(
            r"\b"
            + words(
                "essay article story speech report analysis analy[sz]e critique review parody dialogue "
                "timeline letter memo press editorial script poem song satir\\w* monologue scenes? chapter"
            )
            + r"s?\b",
            r"文章|作文|诗|演讲|报告|分析|讽刺|对话|歌词|故事|剧本",
            r"\b(?:essee|artikkeli|runo|raportti|analyysi|analysoi|arvostel|satiiri|parodia|dialogi|muistio|tiedote)",
            r"\b(?:puhe|vertaa|tutki)\b",
        )
    ),
    "brief": re.compile(
        any_of(
            r"\b"
            + words(
                "short brief briefly tiny one two three sentences? lines? haiku limerick tweet title headline"
            )
            + r"\b",
            r"\d|一句|一段|两句|简短|简要|短|标题|\b(?:lyhy|laus|rivi)|\b(?:yksi|kaksi)\b",
        )
    ),
    "translation": re.compile(r"\btranslat|翻译"),
    "verse": re.compile(
        r"\b"
        + words("poem verse song lyrics rap haiku limerick sonnet ballad ode rhyme")
        + r"s?\b|诗|歌词|\bruno"
    ),
    "list": re.compile(
        r"\blist\b|\b"
        + words("two three four five six seven eight nine ten")
        + r" \w+s\b|列出|列举|\bluettele\b"
    ),
}

# How a text opens that asks for another one: the translation of a request.
REQUEST = re.compile(
    r"\W*"
    + any_of(
        r"(?:please )?"
        + words("write compose create draft generate describe give tell list make kirjoita laadi luettele")
        + r"\b",
        r"请?(?:写|创作|编写|撰写|列出|描述)",
    )
)

# Saying no to what the question takes for granted.
DENIALS = (
    sign(
        "no not never misconception assumption premise don't",
        r"\b"
        + any_of(
            r"no (?:\w+ ){0,3}" + words("reason justification evidence basis benefit excuse truth") + r"s?\b",
            r"not (?:\w+ ){0,2}"
            + words(
                "accurate fair correct true right justified justifiable acceptable best good appropriate "
                "reasonable ethical valid okay productive respectful factual possible"
            )
            + r"\b",
            r"(?:should|must) (?:not|never)\b",
            words("misconception assumption premise") + r"\b",
            r"i (?:don't|do not) (?:think|believe|agree|support)",
        ),
    ),
    sign("不 没 错", r"不应该?|没有(?:任何)?(?:理由|证据|根据)|是错误的"),
    sign("ei", r"\bei ole (?:oikein|totta|perusteltua)"),
)
