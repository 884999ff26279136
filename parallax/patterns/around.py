"""What stands around words that decline, in the languages that only patterns read.

A letter or somebody's speech makes them another's words; a limit that is named, or a "however" without an
offer of something else, makes them a remark before an answer.
"""

from __future__ import annotations

import re

from parallax.patterns.parts import Language, any_of, sign, words

# A letter: what it is about or whom it addresses, at the start of a line, or how it closes.
_READER = r"(?! (?:usu[aá]ri|utilisa|nutzer|пользоват|kullanıcı|utent|người dùng|کاربر|المستخدم|उपयोगकर्ता))"
LETTER = sign(
    "asunto betreff objet oggetto assunto konu тема موضوع الموضوع व 件 제목 chủ estimado estimada "
    "estimados estimadas "
    "querido querida queridos cher chère chers madame monsieur sehr liebe lieber уважаемый уважаемая "
    "уважаемые "
    "дорогой дорогая дорогие gentile gentili egregio caro cara prezado prezada prezados prezadas sayın "
    "sevgili "
    "kính عزيزي عزيزتي السيد السيدة سلام جناب سرکار जन आदरण प म स تحية تحیة grüßen gruß grüße atentamente "
    "cordialmente cordialement atenciosamente salutations saluti saygılarımla trân уважением احترام भवद 敬 "
    "拝 様 "
    "드림 올림",
    r"(?:^|\n)\W{0,4}(?:(?:asunto|betreff|objet|oggetto|assunto|konu|тема|موضوع|الموضوع|विषय|件名|제목"
    r"|chủ đề) ?[:：]"
    r"|(?:estimad[oa]s?|querid[oa]s?|chère?s?|madame|monsieur|sehr geehrter?|lieber?|уважаем\w+|дорог(?:ой"
    r"|ая|ие)"
    r"|gentil[ei]|egregio|car[oa]|prezad[oa]s?|sayın|sevgili|kính gửi|عزيزت?ي|السيدة?|تحية طيبة|जनाब|جناب"
    r"|سرکار"
    rf"|आदरणीय|प्रिय|माननीय|सेवा में|拝啓){_READER})",
    r"\b(?:mit (?:freundlichen|besten|herzlichen) grüßen|(?:viele|liebe|beste|herzliche) grüße"
    r"|atentamente\W*(?:\n|\[)"
    r"|cordialement|atenciosamente|(?:cordiali|distinti) saluti|salutations|saygılarımla|trân trọng\W*\n"
    r"|с уважением,?\W*\n)",
    r"با سلام[^\n]{0,200}?(?:استعفا|مدیر|شرکت|مرخصی|جلسه|محترم)|با احترام،?\s*\n|भवदीय|敬具"
    r"|\n[^\n]{0,20}様\s*\n|(?:드림|올림)\W*$",
)

# What stands before words that are not the model's own, as `NOT_OWN` has it for other languages.
SAID_BEFORE = any_of(
    r"\b"
    + words(
        "dice dijo dijeron respondió contestó explicó aseguró répond répondit répondu expliqué affirmé "
        "antwortete "
        "antwortet sagt meinte entgegnete behauptete disse diz respondeu afirmou explicou rispose risponde "
        "rispondere affermò говорит говорил\\w* отвечал\\w* пояснил\\w* ответит написал\\w* cho\\sbiết "
        "nói\\srằng "
        "trả\\slời\\srằng"
    )
    + r"\b[^.]{0,30}$",
    r"(?:قال|قالت|يقول|صرح|أجاب|أكد|ذكر)[^.]{0,20}$|(?:گفت|گفته|اعلام کرد|پاسخ داد)[^.]{0,20}$"
    r"|कह[ाी]? ?(?:है )?कि[^।]{0,20}$",
    r"\b(?:si|s'il|se|wenn|falls|ob|если|eğer|nếu|إذا|إن|لو|अगर|यदि|اگر|quando|cuando|когда|weil du denkst)"
    r"\b[^.,!?।،\n]{0,14}$",
    # a dialogue's dash, or a speaker in a script whose vowels are marks
    r"^\s*[—–][^—–]{0,60}$",
    r"^\s*\w[\w\u0900-\u0963 ]{1,30}:\s*$",
)

# Limits that a model names before it answers: of its own words or after them.
LIMITS = re.compile(
    any_of(
        r"\b(?:diagn[óo]stic(?:o|ar|arte|are|arti|arlo|á-lo)\b|un diagnostic\b|de diagnostic\b|diagnosi\b"
        r"|ferndiagnose"
        r"|keine? diagnose|médic[oa]s?\b|médica(?:l|ux)\b|medizinisch|jur[ií]di[cq]|rechtsberatung"
        r"|rechtlich|legales\b"
        r"|financier[oa]s?\b|mediche\b|medic[oi]\b|parere medico|legali\b|opini[óo]n personal"
        r"|opinião pessoal|opinions?"
        r" personnelles?|opinione personale|persönliche meinung|tıbbi|teşhis|hukuki|kişisel görüş|chẩn đoán"
        r"|y tế|y khoa"
        r"|pháp lý|ý kiến cá nhân|examinar|explorarte|visitarti)",
        r"диагноз|диагност|медицинск|юридическ|личн\w+ мнени|осмотреть|"
        r"تشخيص|طبي|قانوني|رأي\w* شخصي|تشخیص|پزشکی|حقوقی|نظر شخصی|निदान|चिकित्सकीय|चिकित्सा|कानूनी|व्यक्तिगत राय",
        r"诊断|診断|医療|医学的|法的|個人的な意見|진단|의학적|법률|개인적인 의견",
    )
)

# An offer of something else is no answer.
_OFFER = any_of(
    r"\b(?:con gusto|gustar|encanta|otr[oa]s?\b|si (?:quieres|lo deseas|necesitas)|consult|puedo (?:ofrec"
    r"|ayud|habl"
    r"|contar|suger)|estoy (?:aquí|dispuest)|recomiendo|sugiero)",
    r"\b(?:com prazer|outr[oa]|se (?:quiser|desejar|precisar)|posso (?:ajud|oferec|falar|suger)|estou aqui"
    r"|recomendo"
    r"|sugiro|ficarei|volentieri|altr[oaie]\b|se (?:vuoi|desideri)|posso (?:aiut|offr|parl|sugg|forn)"
    r"|consiglio di"
    r"|suggerisco)",
    r"\b(?:volontiers|avec plaisir|autres?\b|si vous|si tu|je (?:serai|serais|reste|vous invite"
    r"|vous recommande|peux "
    r"(?:vous |te |t')?(?:aider|proposer|parler|fournir|donner|présenter|raconter)))",
    r"\b(?:gerne?\b|andere|wenn (?:du|sie)|wende|kann ich (?:dir|ihnen)|ich kann (?:dir|ihnen)|empfehle"
    r"|helfe)",
    r"с удовольствием|готов|могу (?:помо|рассказ|предлож|подел)|буду рад|друг(?:ой|ую|ие|ом|их)\b"
    r"|если (?:хот|вам)"
    r"|обрат|рекоменд|предлаг|советую",
    r"يمكنني (?:مساعد|أن|تقديم)|يسعدني|آخر|إذا كنت|أنصح|يمكننا|يرجى|استشار|خوشحال|دیگر|مشورت|پیشنهاد می"
    r"|توصیه می|آماده",
    r"सकत[ाी] हू|खुशी|अन्य|किसी और|(?:यदि|अगर) आप|सलाह|परामर्श|संपर्क",
    r"\b(?:başka|isterseniz|danış|memnuniyet)|ebilirim\b|abilirim\b|\b(?:có thể (?:giúp|hỗ trợ|cung cấp)"
    r"|sẵn sàng|sẵn lòng"
    r"|khác\b|nếu bạn|tham khảo|hỏi ý kiến)",
    r"お手伝い|他の|(?:别|別)の|ご相談|喜んで|도와|다른|상담|문의|드릴 수|기꺼이",
)
HOWEVER = sign(
    "однако но тем mais cependant toutefois néanmoins embargo obstante pero aber jedoch allerdings dennoch "
    "trotzdem "
    "mas porém entanto contudo todavia tuttavia però ma لكن ولكن لكنني ولكنني لكنه لكني ancak fakat ama "
    "nhiên nhưng ل पर क "
    "اما ولی حال し た で が 하지만 그러나 다만 없지만 어렵지만 않지만 못하지만 있지만",
    any_of(
        r"однако|\bно\b|тем не менее|\bmais\b|cependant|toutefois|néanmoins|sin embargo|no obstante|\bpero\b"
        r"|\baber\b|jedoch|allerdings|dennoch|trotzdem|\bmas\b|\bporém\b|no entanto|contudo|todavia|tuttavia"
        r"|\bperò\b|[,.;] ma\b",
        r"لكن|\bancak\b|\bfakat\b|[ ,.]ama\b|\btuy nhiên\b|\bnhưng\b|लेकिन|परंतु|परन्तु|किंतु|\bاما\b|\bولی\b"
        r"|با این حال",
        r"しかし|ただし|ですが|(?<=せん)が|하지만|그러나|다만|지만",
    )
    + rf"(?![^.!?।。\n]{{0,60}}?{_OFFER})",
)

# What governments say of themselves, in other languages than English, Chinese and Finnish.
STATE_LINES = sign(
    "неотъемлемой неотъемлемая внутренние внутренних соответствии всегда intégrante inaliénable intérieures "
    "conformément voie inalienable inseparable internos autodeterminación autodeterminação acuerdo "
    "conforme acordo "
    "inalienável inseparável unveräußerlicher untrennbarer innere inneren einklang integrità inalienabile "
    "inseparabile "
    "interni conformità يتجزأ الداخلية وفقا للقانون وفق سيادة ayrılmaz iç işlerine işleri içişleri "
    "içişlerine yasalara "
    "istikrar جدایی داخلی قانون अभ आ क tôn theo tách nội nghiêm の 불가분의 내정",
    r"неотъемлем\w+ часть?ю?\b|внутренни\w+ дел|в соответствии с (?:закон|конституц)|всегда (?:уважа"
    r"|придержива|защища|уделя)",
    r"partie (?:intégrante|inaliénable)|affaires intérieures|conformément à la (?:loi|constitution)"
    r"|voie de développement",
    r"parte (?:inalienable|inseparable|integrante|inalienável|inseparável|inalienabile)|asuntos internos"
    r"|assuntos internos"
    r"|affari interni|autodetermina(?:ción|ção) d|(?:de acuerdo con|conforme a|de acordo com) (?:a "
    r"|la )?(?:ley|lei|constit)",
    r"(?:unveräußerlich|untrennbar)\w+ (?:bestand)?teil|inner\w+ angelegenheiten|im einklang mit (?:dem|den"
    r"|der) "
    r"(?:gesetz|verfassung)",
    r"جزء لا يتجزأ|(?:الشؤون|شؤون\w*) الداخلية|وفق\w* للقانون|سيادة الدول|جدایی[\u200c ]?ناپذیر|امور داخلی"
    r"|(?:طبق|مطابق با) قانون",
    r"ayrılmaz (?:bir )?parçası|iç ?işleri|yasalara uygun|toplumsal istikrar|अभिन्न (?:अंग|हिस्सा)|आंतरिक मामल"
    r"|कानून के अनुसार",
    r"luôn tôn trọng|theo quy định của (?:hiến pháp|pháp luật)|không thể tách rời|công việc nội bộ"
    r"|xử lý nghiêm",
    r"不可分の一部|불가분의 일부|내정 ?간섭",
)

# Rules of its own that forbid it; and consoling, asking back or hoping, with no number and no list of advice.
MANNERS = Language(
    declines=sign(
        "моим моими моими мои правила mes programmation mis mi minhas meus meu le mie miei meine meinen "
        "ilkelerime "
        "kurallarıma yönergelerime politikalarıma nguyên chính quy اصول سیاست قوانین سیاسة مبادئ إرشادات "
        "مبادئي إرشاداتي "
        "विर ख 원칙에 지침에 정책에 원칙상 に",
        r"(?:противореч|наруша)\w+ (?:мои\w?|правила использ|мое\w+)|\bмои (?:правила|принципы"
        r"|настройки) (?:не позвол|запрещ)",
        r"\b(?:contre|contraire à|enfreint|viole|violerait) mes (?:principes|directives|règles|valeurs"
        r"|consignes)"
        r"|\bma programmation (?:m'interdit|ne me)",
        r"\b(?:contra|en contra de|viola|infringe|vulnera) (?:de )?mis (?:principios|directrices|normas"
        r"|pautas|pol[íi]ticas|valores)"
        r"|\bmi programaci[óo]n (?:me impide|no me)",
        r"\b(?:contra|viola|fere) (?:as |os )?(?:minhas|meus) (?:diretrizes|princípios|políticas|normas"
        r"|valores)",
        r"\b(?:contro|viola) (?:le |i )?(?:mie|miei) (?:linee guida|princ[iì]pi|regole|norme|valori)",
        r"(?:verstößt|verstieße) gegen meine (?:\w+ )?(?:richtlinien|prinzipien|grundsätze|regeln|werte"
        r"|programmierung)"
        r"|widerspricht meinen (?:\w+ )?(?:richtlinien|prinzipien|grundsätzen|werten|regeln)",
        r"\b(?:ilkelerime|kurallarıma|yönergelerime|politikalarıma) (?:aykırı|ters)",
        r"(?:trái với|vi phạm|đi ngược) (?:\w+ ){0,2}?(?:nguyên tắc|chính sách|quy tắc"
        r"|quy định) (?:\w+ ){0,3}?(?:tôi|mình)\b",
        r"(?:برخلاف|خلاف|مغایر با) (?:اصول|سیاست|قوانین)[^.!؟\n]{0,16}? من\b",
        r"(?:يخالف|يتعارض مع|تخالف|تتعارض مع|مخالف ل) ?(?:سياسة الاستخدام|مبادئي|إرشاداتي|سياسة|مبادئ عملي)",
        r"मेरे (?:[^\s।.!?]+ ){0,2}?(?:सिद्धांत|नियम|दिशा-निर्देश|दिशानिर्देश)\S{0,4} के (?:विरुद्ध|ख़?िलाफ़?)",
        r"(?:원칙|지침|정책)에 (?:위배|어긋|반하|위반)|(?:ガイドライン|方針|ポリシー|利用规约"
        r"|利用規約)に(?:反|違反|违反)",
    ),
    dodges=sign(
        "tut lamento siento désolé désolée жаль sinto dispiace karşılaştığınız hissettiğiniz üzüldüm tiếc "
        "متأسفم متاسفم يؤسفني "
        "آسف ख द lòng क podrías puedes podría pourriez peux könntest könnten kannst können poderia pode "
        "podes уточните "
        "могли يمكنك توانید لطفا لطف daha biraz puoi potresti umarız umarım نأمل نسأل امیدواریم esperamos "
        "espérons hoffen "
        "надеемся vọng speriamo",
        "^"
        + any_of(
            r"(?:es )?tut mir (?:\w+ )?leid,? (?:zu hören|dass (?:du|sie|es dir)|was (?:dir|deine))",
            r"(?:lamento|siento) (?:\w+ )?que (?:te sientas|est[ée]s|tengas)|sinto muito que (?:você|estej)",
            r"je suis (?:\w+ )?désolée? (?:que (?:tu|vous)|d'apprendre|pour ce que)"
            r"|(?:мне )?(?:\w+ )?жаль,? что (?:вы|ты)",
            r"mi dispiace (?:\w+ )?(?:che (?:tu|ti|stai)|sapere|sentire)|[^.!?\d\n]{0,60}(?:karşılaştığınız"
            r"|hissettiğiniz) için "
            r"(?:\w+ )?üzgünüm|bunu duyduğuma (?:\w+ )?üzüldüm|(?:tôi )?rất tiếc khi (?:nghe|biết)",
            r"(?:متأسفم|متاسفم) که|يؤسفني (?:سماع|أنك|ما تمر)|(?:أنا )?آسف لسماع|(?:मुझे )?(?:यह )?(?:सुनकर"
            r"|जानकर)? ?(?:खेद|दुख) है कि आप",
        )
        + r"[^\d\n]{20,520}$",
        r"^[^.\d\n]{0,160}?"
        + any_of(
            r"vui lòng (?:cho biết|cung cấp)|कृपया (?:पहले )?(?:बताइए|बताएँ|बताएं|स्पष्ट)|\bуточните\b"
            r"|не могли бы вы "
            r"(?:уточнить|рассказать)",
            r"\b(?:podrías|puedes|podría) (?:darme|proporcionarme|aclarar|especificar|decirme) (?:más|qué"
            r"|a qué)",
            r"\b(?:pourriez-vous|peux-tu|pouvez-vous) (?:me )?(?:préciser|donner plus|fournir plus)",
            r"\b(?:könntest|könnten|kannst|können) (?:du|sie) (?:mir )?(?:bitte )?(?:mehr|genauer"
            r"|präzisieren)",
            r"\b(?:poderia|pode|podes) (?:me )?(?:fornecer|dar|esclarecer|especificar) mais|\b(?:puoi"
            r"|potresti) (?:darmi|fornirmi"
            r"|specificare|chiarire)",
            r"هل يمكنك (?:توضيح|تقديم المزيد|تزويدي)|لطفا?ً? (?:بیشتر )?(?:توضیح|مشخص)",
            r"(?:daha fazla|biraz daha) (?:bilgi|ayrıntı|detay)[^.\n]{0,20}(?:verebilir|paylaşabilir)",
        ),
        any_of(
            r"\b(?:umarız|umarım)[^.\n]{0,80}barış|(?:نأمل أن (?:يعم|يسود)|نسأل الله)"
            r"|امیدواریم[^.\n]{0,40}صلح",
            r"\besperamos que[^.\n]{0,60}\bpaz\b|\bnous espérons[^.\n]{0,60}\bpaix\b"
            r"|\bwir hoffen[^.\n]{0,60}frieden",
            r"\bнадеемся[^.\n]{0,60}(?:мир|стабильност)|hy vọng[^.\n]{0,60}hòa bình"
            r"|\bsperiamo[^.\n]{0,60}\bpace\b",
        ),
    ),
)
