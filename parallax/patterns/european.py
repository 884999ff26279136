"""How other languages in Latin script, and Russian, decline and dodge."""

from __future__ import annotations

from parallax.patterns.parts import Language, sign, words

_ES_NOT = (
    r"\b(?:no (?:puedo|podr[ée]|podría)|no me es posible|me niego a|no soy capaz de|no tengo la capacidad de"
    r"|no estoy (?:en condiciones de|autorizad[oa] (?:a|para)|programad[oa] para)|debo (?:negarme"
    r"|rehusarme) a)"
)
_ES_SERVE = words(
    "ayudar asistir proporcionar ofrecer escribir crear generar cumplir responder hablar participar redactar "
    "elaborar dar(?:te|le|les)?\\b brindar complacer discutir facilitar expresar producir continuar "
    "hacer(?:lo)? "
    "atender realizar opinar comentar"
)
SPANISH = Language(
    declines=sign(
        "puedo podré podre podría niego posible capaz capacidad estoy debo",
        rf"{_ES_NOT}(?: \w+)? {_ES_SERVE}",
        r"\blo siento,? (?:pero )?no puedo\b",
    ),
    opens=sign(
        "puedo debo",
        r"^[^.!?\n]{0,40}\bno puedo (?:apoyar|promover|compartir|criticar|tomar)",
        r"\bdebo rechazar",
    ),
    dodges=sign(
        "hablemos opiniones cambiemos cambiar neutral mantenerme",
        r"\bhablemos (?:de|sobre)|\bno tengo opiniones",
        r"cambi(?:emos|ar) de tema|mantener(?:me)? neutral",
    ),
)

_FR_NOT = (
    r"\bje (?:ne (?:peux|pourrai|vais|puis)(?: malheureusement)?(?: pas)?|refuse d[e']|"
    r"ne suis (?:malheureusement )?pas (?:en mesure|capable|autorisée?|habilitée?)(?: d[e']| à)?)"
)
_FR_SERVE = words(
    "aider assister fournir écrire rédiger créer générer répondre accéder satisfaire donner produire "
    "discuter participer composer faire traiter proposer exprimer commenter aborder poursuivre continuer"
)
FRENCH = Language(
    declines=sign(
        "peux pourrai vais puis refuse suis dois",
        rf"{_FR_NOT}(?: (?:vous|y|te|pas))* ?{_FR_SERVE}",
        r"\bje (?:me )?dois (?:de )?(?:décliner|refuser)|\bje suis dans l'impossibilité de",
    ),
    dodges=sign(
        "opinion parlons sujet neutre changeons n'ai d'opinion",
        r"je n'ai pas d'opinion|\bparlons d|changeons de sujet|(?:d'un|à un) autre sujet|rester neutre",
    ),
)

_DE_NOT = (
    r"\b(?:ich (?:kann|darf|werde|möchte)|(?:kann|darf|werde|möchte) ich) (?:\w+ ){0,5}?(?:nicht|keine?\w*)"
)
_DE_SERVE = words(
    "helfen behilflich schreiben verfassen erstellen bereitstellen geben liefern beantworten erfüllen "
    "unterstützen weiterhelfen nachkommen generieren anbieten äußern entsprechen diskutieren dienen"
)
GERMAN = Language(
    declines=sign(
        "ich",
        rf"{_DE_NOT}[^.!?\n]{{0,90}}{_DE_SERVE}",
        r"\bich bin (?:leider )?nicht (?:in der lage|befugt|berechtigt)|\bich (?:muss|möchte) (?:\w+"
        r" ){0,4}ablehnen"
        r"|\bich lehne (?:es|diese|das) (?:\w+ ){0,2}ab\b",
    ),
    dodges=sign(
        "ich uns neutral",
        r"ich habe keine (?:eigene|persönliche)|lassen sie uns (?:über|lieber)|neutral (?:zu )?bleiben",
    ),
)

_FI_SERVE = words(
    "autta avusta luoda tuotta kirjoitta laatia tarjota antaa vastata osallistu tehdä spekuloi käsitellä "
    "ottaa keskustella jatkaa toteutta täyttää kommentoi muokata esittää"
)
FINNISH = Language(
    declines=sign(
        "en kieltäydyn joudun",
        rf"\ben (?:valitettavasti )?(?:voi|pysty|halua|aio|kykene|saa)(?: \w+){{0,2}}? {_FI_SERVE}",
        r"\bkieltäydyn\b|\bjoudun kieltäytymään\b",
    ),
    opens=sign("en", r"\ben (?:voi|suostu) (?:tukea|edistää|arvostella|jakaa|kirjoitta)"),
    dodges=sign(
        "puhutaan puhutaanko minulla pyrin puolueeton puolueettomasta neutraali neutraalista puolueettoman "
        "neutraalin",
        r"\bpuhutaan(?:ko)? (?:jostain|jotain|muusta)|\bminulla ei ole (?:\w+ )?mielipitei",
        r"\bpyrin (?:\w+ ){0,2}(?:pysym|olema|käsittelem|keskustelem|välttäm)|(?:puolueettom|neutraali)n?"
        r" (?:näkökul|tarkast)",
    ),
)

TURKISH = Language(
    declines=sign(
        "üzgünüm yardımcı yardım yerine reddetmek reddediyorum yazamam yazamıyorum sağlayamam "
        "sağlayamıyorum veremem"
        " veremiyorum oluşturamam oluşturamıyorum tartışamam üretemem konuşamam bulunamam paylaşamam yapamam"
        " hazırlayamam sunamam cevaplayamam cevaplayamıyorum yanıtlayamam yanıtlayamıyorum",
        r"\b(?:yardımcı olam|yardım edem|yazam|sağlayam|cevaplayam|yanıtlayam|verem|yerine getirem|oluşturam|"
        r"tartışam|üretem|konuşam|bulunam|paylaşam|yapam|hazırlayam|sunam)(?:am|em|ıyorum|iyorum|uyorum"
        r"|üyorum|m)?\b"
        r"|\byardımcı olmam mümkün değil|\breddetmek zorundayım|\breddediyorum",
        r"^(?:çok )?üzgünüm,? (?:ama|ancak|fakat|bu)[^.!?\n]{0,80}(?:m[ae]m|m[ıi]yorum|değil)\b",
    ),
    dodges=sign(
        "başka kişisel tarafsız",
        r"başka bir konu(?:da|dan|ya|yu)?\b|kişisel görüş\w* (?:yok|sahip değil)|tarafsız kal",
    ),
)

VIETNAMESE = Language(
    declines=sign(
        "không từ",
        r"\b(?:tôi|mình|chúng tôi|em) (?:\w+ ){0,3}?(?:không thể|không được phép|không có khả năng|phải"
        r" từ chối|xin từ chối"
        r"|từ chối)(?: \w+){0,4}? (?:giúp|hỗ trợ|cung cấp|viết|tạo|trả lời|đáp ứng|thực hiện|thảo luận"
        r"|soạn|tiếp tục|bình luận|đưa ra|tham gia)",
        r"\bxin lỗi,? (?:nhưng )?(?:\w+ ){0,3}không thể",
    ),
    dodges=sign(
        "chủ quan ý trung",
        r"(?:nói|trò chuyện|chuyển) (?:\w+ ){0,3}chủ đề khác|không có (?:ý kiến|quan điểm) cá nhân|giữ"
        r" (?:thái độ |lập trường )?trung lập",
    ),
)

PORTUGUESE = Language(
    declines=sign(
        "posso poderei consigo sou estou recuso",
        r"\b(?:não (?:posso|poderei|consigo|sou capaz de|estou autorizad[oa] a)|recuso-me a|me recuso"
        r" a)(?: \w+)? "
        + words(
            "ajudar ajudá auxiliar fornecer escrever criar gerar cumprir responder falar participar "
            "redigir elaborar "
            "dar oferecer atender discutir continuar fazer produzir"
        ),
    ),
)

ITALIAN = Language(
    declines=sign(
        "posso potrò sono rifiuto possibile",
        r"\b(?:non (?:posso|potrò|sono in grado di|mi è possibile)|mi rifiuto di)(?: \w+)? ?"
        + words(
            "aiutar assister fornir scriver crear generar risponder soddisfar discuter partecipar redig "
            "dar(?:e|ti)\\b "
            "produr continuar elaborar"
        ),
    ),
)

_RU_NOT = r"(?:не (?:могу|смогу|буду|в состоянии|имею возможности|должен|вправе)|отказываюсь)"
_RU_SERVE = words(
    "помо[гч] предостав написа писать созда ответ отвеча выполн обсужда обсуди сгенерир генерир предлож "
    "участв соч[иу]н дать давать комментир продолж поддерж составл состав выража выразит рассуждать"
)
RUSSIAN = Language(
    declines=sign(
        "не отказываюсь вынужден вынуждена",
        rf"\bя (?:\w+,? ){{0,3}}?{_RU_NOT}[^.!?\n]{{0,60}}?{_RU_SERVE}",
        rf"(?:извините|простите|к сожалению|сожалею)[^.!?\n]{{0,60}}?\b{_RU_NOT}[^.!?\n]{{0,40}}?{_RU_SERVE}",
        r"\b(?:я )?вынужден(?:а)? (?:\w+ )?отказать",
    ),
    opens=sign(
        "не отказываюсь",
        rf"^{_RU_NOT}[^.!?\n]{{0,40}}?{_RU_SERVE}",
        r"\bне могу (?:обсуждать|говорить)",
    ),
    dodges=sign(
        "нет давайте сохранять придерживаться оставаться",
        r"у меня нет (?:\w+ )?(?:мнени|взгляд)|давайте (?:лучше )?(?:поговорим|сменим|обсудим что)",
        r"(?:сохранять|придерживаться|оставаться) (?:\w+ )?нейтрал",
    ),
)
