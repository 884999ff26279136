"""The same in French, Spanish, Portuguese, Italian and German."""

from __future__ import annotations

from parallax.patterns.parts import any_of, sign, words

# Words of two kinds: what answers negate of themselves on the way to an answer (`_OTHER`), and what merely
# ends like a verb of the first person (`_NO_VERB`).
_FR_OTHER = (
    r"(?!(?:(?:vous|te|t'|y|en|me|m'|le|la|les|l'|lui|leur) ?){0,3}(?:sais|savais|"
    r"crois(?! pas que ce soit)|croyais|doute|connais|vois|comprends|ressens|souviens|rappelle|remplace|"
    r"prétends|regrette|oublie|manque|dispose|possède|cherche|fais que|dis pas|veux pas dire|"
    r"pense pas qu(?!e (?:ce soit|je|cela soit)|'il (?:soit|serait|me))(?:e|')|partage pas|trouve|mange|"
    r"dors|aime|(?:recommand|conseill)(?:e|erais|erai)|vais pas (?:mentir|vous mentir|nier)|(?:peux|puis|"
    r"pourrai|saurais|pourrais)(?: pas| donc| toutefois)? (?:dire (?:avec|si|que|en toute)|garantir|"
    r"assurer|affirmer|prévoir|prédire|voir|accéder à (?:internet|vos|des|l)|naviguer|ressentir|vérifier|"
    r"savoir|consulter|que|oublier|dormir|venir|assister|me taire|m'empêcher|croire|attendre"
    r"|imaginer|nier|être d'accord|remplacer|être (?:sûr|"
    r"certain)|éprouver|trop)|suis(?! (?:pas )?(?:\w+ )?(?:en mesure|autoris|habilit|"
    r"capable de (?!ressent)|programm|conçu|dispos|prêt|à l'aise|qualifi|tenu|censé|le bon|la bonne|"
    r"là pour|en droit|apte))|ai(?! pas (?:\w+ )?(?:le droit|l'autoris|la perm|la possib|la capac|été|pour|"
    r"vocation|l'intention|envie|souhait)))\b)"
)
_ES_OTHER = (
    r"(?!(?:(?:te|le|les|os|lo|la|los|las|me|se) ){0,2}(?:creo(?! que (?:sea|deba|pueda))|dudo|conozco|veo|"
    r"recuerdo|entiendo|comprendo|encuentro|olvido|pretendo|niego|recomiendo|aconsejo|digo que|"
    r"voy a (?:mentir|negar)|quiero decir|estoy (?:segur|de acuerdo|al tanto|familiar)|tengo(?! (?:permi|"
    r"autoriz|la (?:capac|posib|facult|intenci)|intenci|por qu|derecho))|(?:puedo|podr[ée]|"
    r"podr[íi]a) (?:decir(?:te|le)? (?:con|si|que)|garantizar|asegurar|afirmar con|predecir|ver|"
    r"acceder a (?:internet|tu|la)|navegar|sentir|verificar|saber|evitar|reemplazar|sustituir|creer|"
    r"esperar|imaginar|negar|olvidar|dormir|venir|ir\b|asistir|callar|confirmar si|estar|dejar de"
    r"|experimentar|m[áa]s)|ser[ée]|estar[ée]|habr[ée]|"
    r"tendr[ée])\b)"
)
# A list, for "no" and a noun in -o is Portuguese.
_ES_DO = words(
    "acepto accedo acostumbro analizo apoyo asisto atiendo ayudo busco colaboro comento comparo comparto "
    "considero contemplo contesto contribuyo cuento deseo difundo digo discuto diseño doy elaboro elijo "
    "emito enseño entro escribo estimo evalúo explico expreso facilito fomento genero hablo hago invento "
    "juego juzgo manejo menciono ofrezco opino participo pienso planeo poseo presto produzco promuevo "
    "proporciono publico quiero realizo redacto reproduzco respaldo respondo revelo sigo soporto sostengo "
    "sugiero suministro tengo tomo traduzco trabajo trato valoro vendo consigo logro alcanzo meto mojo "
    "pronuncio posiciono presto dedico inclino involucro ocupo atrevo comprometo permito"
)
_PT_OTHER = (
    r"(?!(?:(?:te|lhe|lhes|vos|o|a|me|se) ){0,2}(?:acho|gosto|recomendo|aconselho|recomendaria|digo que|"
    r"acredito|duvido|conheço|vejo|lembro|sinto(?! (?:\w+ )?(?:conf|à von|apt))|entendo|compreendo|"
    r"encontro|esqueço|pretendo dizer|quero dizer|estou (?:cert|segur|de acordo|ciente)|tenho(?! (?:permi|"
    r"autoriz|a (?:capac|possib|perm|inten)|inten|como|condi|direito))|possuo(?! (?:permi|autor|a (?:capac|"
    r"perm)))|(?:posso|consigo|poderei|poderia) (?:dizer (?:com|se|que)|garantir|assegurar|afirmar com|"
    r"prever|ver|esquecer|dormir|vir\b|ir\b|comparecer|acessar (?:a inter|seu|sua)|navegar|sentir"
    r"|verificar|saber|evitar|substituir|acreditar|"
    r"esperar|imaginar|negar|deixar de|experimentar)|serei|estarei|terei|haverei)\b)"
)
_PT_NO_VERB = (
    r"(?!(?:como|tanto|muito|pouco|mero|novo|todo|outro|isso|isto|aquilo|raro|certo|mesmo|próprio|claro|"
    r"cedo|quando|necessário|\w*ão|(?!ajudo|cuido|decido)\w+[aiu]do|(?!recomendo|atendo|defendo|mando|"
    r"comando|respondo|pretendo)\w+[aei]ndo|\w+(?:ivo|ário|ismo|mento|ico))\b)"
)
_IT_OTHER = (
    r"(?!(?:(?:ti|vi|le|lo|la|li|ne|ci|gli|mi|si) ){0,2}(?:credo(?! (?:sia|di pot))|penso|dubito|conosco|"
    r"vedo|ricordo|capisco|trovo|dimentico|provo|nego|amo|consiglio|raccomando|dico che|so|saprei dire|"
    r"sono(?! (?:\w+ )?(?:stat[oa] (?:prog|crea|addestr|svilupp|pensat|conce)|in grado|autor|progr|abil|"
    r"prog|dispos|nella|qual|capac|addestr|pront))|ho(?! (?:la (?:capac|possib|facol)|il (?:perm|diritto)|"
    r"l'autor|inten|modo))|voglio dire|(?:posso|potrò|potrei|riesco a|posso che) ?(?:dir\w+ (?:con|se|che)|"
    r"garantir|assicurar|affermare con|preveder|veder|acceder\w* a|navigar|prova|sentir|verificar|saper|"
    r"evitar|creder|aspettar|dimenticar|dormir|venir|tacer|immaginar|negar|sostituir|fare a meno"
    r"|che (?!declin|rifiut|astener))\w*|sarò|"
    r"avrò|starò)\b)"
)
_IT_NO_VERB = (
    r"(?!(?:solo|tanto|troppo|poco|meno|certo|ultimo|vero|uno|quello|questo|tutto|altro|però|dopo|sempre|"
    r"nuovo|proprio|necessario|(?!aiuto|commento|rifiuto|valuto|accetto)\w+[aiu]to|(?!ragiono|sono|"
    r"opino)\w+[naoi]no|(?!intendo|rispondo|prendo|difendo|pretendo|raccomando)\w+[ae]ndo|(?!esprimo|"
    r"confermo|affermo|firmo)\w+mo|(?!parlo)\w+rlo|(?!scrivo)\w+ivo|\w+(?:ario|erto)|(?!commento)\w+mento|"
    r"(?!dico|pubblico|giudico)\w+ico)\b)"
)
_DE_OTHER = (
    r"(?!(?:weiß|glaube|denke|meine|finde|sehe|verstehe|kenne|hoffe|habe|hatte|erinnere|vermute|"
    r"fühle(?! mich (?:\w+ )?nicht wohl)|empfinde|zweifle|brauche|vergesse|empfehle|rate|"
    r"würde(?! [^.!?\n]{0,30}(?:lieber|ungern|eher|vorziehen))|besitze|verfüge|ersetze|behaupte|"
    r"bin(?! (?:\w+ ){0,2}(?:nicht (?:\w+ )?(?:in der|befugt|berech|autor|bereit|dafür|dazu|darauf|imst|"
    r"prog|qualif|ermä|befä|gewillt|der richtige)))|(?:kann|könnte|möchte|will|darf|"
    r"werde) [^.!?\n]{0,70}\b(?:garantieren|sehen|fühlen|empfinden|ersetzen|wissen|zugreifen|abrufen|"
    r"überprüfen|vergessen|schlafen|kommen|teilnehmen|schweigen|behaupten|verschweigen|bestreiten"
    r"|leugnen|ausschließen|vorhersagen|verheimlichen|"
    r"vorenthalten|mit sicherheit|nur|erleben|besitzen|haben))\b)"
)
_DE_TO_IT = r"(?: [\w-]+(?<!dass)(?<!ob)(?<!nicht)){0,6}?"

REFRAINS = (
    sign(
        "je j'ai m'est m'impossible m'interdit m'interdisent m'empêche m'empêchent m'appartient regret "
        "permettez mon mes moi ma non question commentaire partie n'aborderons pouvons impossible désolé "
        "désolée peux possible l'impossibilité l'incapacité l'obligation refuse me m'autorise m'autorisent "
        "serait semble paraît que",
        r"\bje (?:ne |n')" + _FR_OTHER + r"\w",
        r"\bje (?:(?:vous|me|m') ?)?(?:préf[èé]r\w+|crains|choisis|souhaite|tiens à|souhaiterais|regrette|"
        r"suis au regret|suis désolée?|m'excuse)(?: donc| plutôt)?(?: d[e'])? ?(?:ne (?:pas |pouvoir|"
        r"point )|m'abstenir|éviter|décliner|refuser|passer)",
        r"\bje (?:\w+ ){0,2}(?:dois|vais|devrai|devrais|veux|voudrais|suis (?:contrainte?|obligée?|"
        r"tenue?))(?: (?:donc|de|malheureusement|également|poliment|respectueusement|plutôt|devoir|vous|à|"
        r"ici|me|cependant)){0,3} (?:m')?(?:refuser|décliner|abstenir|éviter de|passer (?:mon|sur|cette|"
        r"ce)|laisser (?:cette|ce)|renoncer|rester (?:neutre|impartial|en dehors|à l'écart)|arrêter)",
        r"\bje (?:me |m'|m'y |m'en )?(?:garde d|refuse\b|décline|abst(?:iens|iendrai)|passe (?:mon|sur|"
        r"cette)|renonce|garderai (?:de|bien)|tiens (?:éloigné|à l'écart)|oppose|évite (?:de|ce)|"
        r"réserve le droit)",
        r"\bil m'est (?:\w+ )?(?:impossible|interdit|difficile|défendu)|\bm'est (?:impossible|"
        r"interdite?)\b|\bne m'(?:est pas (?:\w+ )?(?:possible|permis|autorisé)|appartient pas|"
        r"autoris\w+ pas)|\bne me (?:permet|laisse|concerne|revien)\w* pas|\b(?:contraire à|à l'encontre d|"
        r"contre) ?e? ?mes\b",
        r"\bm'(?:interdi\w+|empêch\w+) (?:\w+ )?(?:d[e']|toute?)|\bdans l'(?:impossibilité|incapacité|"
        r"obligation) de (?:vous |te )?\w",
        r"\b(?:n'est|ne sont|n'entre|ne fait|ne relève|ne figure|ne rentre|sort|dépasse|hors|en dehors|"
        r"au-delà)(?: pas)?(?: (?:dans|partie|d[eu]|le|la|les|une?|parmi|de ce|ce|quelque|chose|le cadre|"
        r"sujet|domaine|des|choses)){0,5} ?(?:que j[e']|(?:à|sur|dont|dans) (?:laquelle|lequel|ce|"
        r"quoi)? ?je|mon |mes |ma |mission que|(?:d')?à moi\b|dont je)",
        r"\bne (?:serait|me semble|me paraît) pas (?:\w+ )?(?:éthique|approprié|correct|convenable|"
        r"responsable|opportun|juste) (?:de ma part|pour moi|que je|d[e'] ?(?!(?:dire|affirmer|parler|"
        r"prétendre|considérer)\b))|\bpermett(?:ez|s)[ -]moi de ne pas",
        r"^\W*(?:non,? (?:désolé|pas de|je (?:refuse|ne)|merci)|c'est non|hors de question|"
        r"sans commentaire|pas question|(?:désolée?|navrée?),? (?:mais )?(?:non|pas|c'est|cela|impossible|"
        r"on ne))|\b(?:pas|peu) pour moi\b",
        r"\bnous (?:n'aborderons|ne (?:traiterons|discuterons|pouvons pas (?:répondre|traiter|aborder|"
        r"discuter|donner suite|fournir)))|^[^.!?\n]{0,40}\bn'est (?:\w+ )?pas possible (?:de|"
        r"d') ?(?:répond|fourn|rédig|trait|donn|satisf|accéd|créer|génér|discut)",
    ),
    sign(
        "no niego rehúso abstengo abstendré prefiero preferiría preferiria paso imposible declino rechazo "
        "declinar rechazar negarme abstenerme excede supera impide impiden prohíben prohíbe fuera negativa "
        "evitar temo opto me mi mis debo tengo voy quiero quisiera he siento lamento elijo procuro intento "
        "más",
        r"\bno "
        + _ES_OTHER
        + r"(?:(?:te|le|les|os|lo|la|los|las|me|se) ){0,2}"
        + any_of(
            r"(?:pued[oa]\b|podr[ée]\b|podr[íi]a\b(?! (?:ser|hab|est))|voy a|debo|"
            r"deber[íi]a (?:yo )?(?:\w+r\b)|quisiera|(?:fui|he sido|estoy|fue) (?:dise|program|entren|"
            r"cread|concebid)|soy (?:capaz|quien|la persona|el indicado|partidari)|doy|"
            r"estoy (?:\w+ )?(?:en|autoriz|dise|program|capac|dispu|habil|cualif|calif|facul|entren|list|"
            r"prepar|a favor))",
            _ES_DO + r"\b",
            r"\w+ré\b",
        ),
        r"\bno (?:me (?:es|ser[íi]a|ser[áa]|resulta|corresponde|compete|parece|est[áa]|permit\w+|"
        r"autoriz\w+|dejan|siento (?:\w+ )?(?:c[óo]mod[oa]|capa\w+|autoriz\w+|bien|preparad[oa]))|"
        r"va (?:\w+ )?conmigo|contar[ée])\b|\bno (?:\w+ )?(?:es|ser[íi]a) (?:\w+ )?(?:apropiado|adecuado|"
        r"[ée]tico|correcto|responsable|prudente) (?:de mi parte|por mi parte|que (?:yo )?\w+[ae]\b|"
        r"para m[íi]|(?!decir|afirmar|hablar|asumir|pensar|considerar|suponer)\w+[aei]r\b)",
        r"\bme (?:niego|reh[úu]so|abstengo|abstendr[ée]|es imposible|resulta imposible|ser[íi]a imposible|"
        r"opongo|reservo|mantengo al margen|mantendr[ée] al margen|impiden?|proh[íi]ben?|veo obligad)",
        r"\b(?:prefiero|preferir[íi]a|opto por|elijo|escojo|procuro|intento|trato de|debo|siento|lamento|"
        r"(?:me )?temo) (?:\w+mente )?(?:no (?:\w+r|\w+rl[aeo]s?|\w+r(?:me|te|lo|se))|abstenerme|evitar|"
        r"declinar|mantenerme (?:al margen|fuera|neutral)|dejar)\b",
        r"\b(?:debo|tengo que|voy a|quiero|quisiera|he de|me gustar[íi]a|prefiero|preferir[íi]a|"
        r"ser[ée])(?: \w+mente| tener que)? (?:declinar|rechazar\w*|negarme|rehusar\w*|abstenerme|evitar|"
        r"decir(?:te|le)? que no|pasar de|renunciar|limitarme)|^\W*(?:paso\b|declino|rechazo|imposible\b)",
        r"\b(?:fuera|m[áa]s all[áa]) (?:de |del )(?:mis?\b|lo que (?:puedo|me|hago)|\w+ de (?:mis?|"
        r"lo que))|\b(?:excede|supera|sobrepasa) (?:\w+ ){0,3}?(?:mis?\b|lo que (?:puedo|me))|"
        r"\bno (?:entra|est[áa]|forma|es|figura) (?:\w+ ){0,3}?(?:mis?\b|algo (?:que|en lo que)|"
        r"lo que (?:puedo|hago)|mi (?:papel|funci|tarea|labor))",
        r"\b(?:en )?contra (?:de )?mis?\b|\bno (?:es|ser[áa]|resulta) posible (?:\w+ )?(?:respond|atend|"
        r"ayud|ofrec|proporc|gener|crear|elabor|redact|escrib|complet|trat|realiz|cumpl)",
        r"^(?:lo siento|lo lamento|perd[óo]n|disculp\w+),? ?(?:pero )?no\.|^no,? (?:gracias|lo siento|"
        r"no lo)|\bmi (?:respuesta|posici[óo]n) (?:es|debe ser) (?:un )?(?:no\b|negativa)",
    ),
    sign(
        "não nao recuso nego abstenho prefiro preferia preferiria passo impossível recusar declinar fora "
        "além excede ultrapassa impedem impede proíbem opto evitar fico me devo tenho terei vou quero "
        "preciso lamento receio procuro escolho passo foge minha minhas meu meus declino",
        r"\bn[ãa]o "
        + _PT_OTHER
        + r"(?:(?:te|lhe|lhes|vos|o|a|me|se) ){0,2}"
        + any_of(
            r"(?:poss[oa]\b|poderia\b(?! (?:ser|ter|hav|est))|vou (?!mentir|negar)|devo|"
            r"deveria (?:eu )?\w+r\b|gostaria de|(?:fui|tenho sido) (?:proj|desenh|program|trein|criad|"
            r"feit|conceb)|sou (?:capaz|quem|a pessoa|o indicado|autoriz|program|a favor)|dou\b|"
            r"estou (?:\w+ )?(?:em|autoriz|proj|program|capac|dispo|habil|quali|apt|trein|prepar|pront))",
            _PT_NO_VERB + r"\w{2,}o\b",
            r"\w+rei\b",
        ),
        r"\bn[ãa]o (?:me (?:é|seria|será|cabe|compete|parece|est[áa]|permit\w+|autoriz\w+|deixam|sinto)|"
        r"é-me|(?:é|faz parte d\w+|está n\w+|entra n\w+|cabe a|faz) (?:\w+ ){0,2}?(?:meus?\b|minhas?\b|"
        r"mim\b|algo (?:que|com|em) (?:o que|que)? ?(?:eu|posso|faço|vou)|aquilo que (?:eu|posso|faço)))",
        r"\bn[ãa]o (?:é|seria) (?:\w+ )?(?:apropriado|adequado|ético|correto|responsável|"
        r"prudente) (?:da minha parte|que eu|para mim|eu|(?!dizer|afirmar|falar|assumir|pensar|considerar|"
        r"supor)\w+[aei]r\b)",
        r"\b(?:me (?:recuso|nego|abstenho|oponho|mantenho (?:fora|neutro)|é impossível|impede\w*|proíbe\w*|"
        r"vejo obrigad\w+)|(?:recuso|nego|abstenho|oponho|impede\w*)-me|recuso\b|declino\b|"
        r"fico (?:de )?fora d|é-me impossível|me seria impossível)",
        r"\b(?:prefiro|preferia|preferiria|opto por|escolho|procuro|tento|lamento|sinto muito,? mas|devo|"
        r"receio|temo) (?:\w+mente )?(?:n[ãa]o \w+r(?:-\w+|em|mos)?|(?:me )?abster(?:-me)?|evitar|recusar|"
        r"declinar|(?:me )?manter(?:-me)? (?:fora|à margem|neutr)|deixar)\b",
        r"\b(?:devo|tenho (?:que|de)|terei (?:que|de)|vou|quero|gostaria de|preciso|prefiro|"
        r"sou obrigad[oa] a)(?: \w+mente| ter (?:que|de)| me)? (?:recusar|declinar|negar(?:-me)?|"
        r"abster(?:-me)?|evitar|dizer (?:que )?não|passar (?:essa|esta|desta)|deixar (?:a sua|sua|essa|"
        r"esta|este|esse|de (?:lado|fora|respon)))|\b(?:essa|esta|desta vez|dessa)(?: vez)?,? (?:eu "
        r")?passo\b",
        r"\b(?:fora|além) d(?:[oae]s? )?(?:\w+ ){0,3}?(?:meus?|minhas?|(?:o )?que (?:eu|posso|me|faço))\b|"
        r"\b(?:excede|ultrapassa|foge) (?:d[oae]s? )?(?:\w+ ){0,3}?(?:meus?|minhas?|que (?:posso|me))\b",
        r"\bcontra (?:os |as |a |o )?(?:meus?|minhas?)\b|\bn[ãa]o (?:é|será) possível (?:\w+ )?(?:respond|"
        r"atend|ajud|oferec|fornec|ger|cri|elabor|redig|escrev|complet|tra[tç]|realiz|cumpr|discut)|"
        r"\b(?:pedido|solicitação|pergunta) não (?:será|pode|vai)",
        r"^(?:sinto muito|lamento|desculp[ea]|perdão),? ?(?:mas )?não\.|^não,? (?:obrigad|desculp|sinto)|"
        r"\bminha resposta (?:é|tem de ser|deve ser) (?:um )?não\b",
    ),
    sign(
        "non no rifiuto astengo asterrò preferisco preferirei passo impossibile declinare rifiutare "
        "astenermi respingere fuori esula impediscono impedisce vietano vieta rifiutarmi evitare oppongo "
        "declino oltre scelgo mi miei mie mio mia devo dovrò dovrei vorrei temo al",
        r"\bnon "
        + _IT_OTHER
        + r"(?:(?:te|ve|ce|me) )?(?:(?:ti|vi|le|lo|la|li|ne|ci|gli|mi|si) ){0,2}"
        + any_of(
            r"(?:posso\b|vorrei|potrei\b|dovrei|saprei|mi permett|ho\b|sono stat[oa] (?:prog|crea|addestr|"
            r"svilupp|pensat|conce)|do\b|sto (?:qui )?(?:per|a)\b)",
            _IT_NO_VERB + r"\w{2,}o\b",
            r"\w+rò\b",
        ),
        r"\bnon (?:mi (?:è|sarebbe|sarà|spetta|compete|pare|sembra|permett\w+|consent\w+|autorizz\w+)|"
        r"me la sento|se la sente|spetta a (?:me|un)|fa (?:\w+ )?per me)\b",
        r"\bnon (?:è|sarebbe|fa parte|rientra|figura)(?: (?:\w+|nelle|tra)){0,4}? (?:mi[aoe]i?|miei|"
        r"da parte mia|per me|(?:qualcosa|una cosa|ciò|quello) (?:che|di cui|in cui|su cui|a cui|"
        r"da cui)? ?(?:io |mi )?(?:poss|facci|scriv|vogli|intend))",
        r"\bmi (?:rifiuto|astengo|asterrò|oppongo|tengo fuori|è (?:\w+ )?(?:impossibile|vietato|difficile)|"
        r"(?:vedo|trovo) (?:costrett|obbligat)|impedi\w+|viet\w+|guardo bene|riservo)|\b(?:rifiuto|"
        r"declino) (?:di|quest|la\b|l')",
        r"\b(?:preferisco|preferirei|scelgo|cerco|scelto|opto per|tendo a|temo|mi (?:dis)?piace|vorrei|"
        r"mi limito a)(?: \w+mente)?(?: di)? (?:non \w+r(?:e|l[aeio]|mi|ti|vi|si|ci)?|astenermi|evitare|"
        r"declinar\w+|rifiutar\w+|(?:restarn|rest|riman|tenerm)\w+ (?:fuori|neutral|imparz))\b",
        r"\b(?:devo|dovrò|dovrei|vorrei|sono costrett[oa] a|voglio|preferisco|debbo|da cui|mi)(?: \w+mente|"
        r" mi| devo| purtroppo| però){0,2} (?:rifiutar\w+|declinar\w+|astener\w+|respinger\w+|evitare|"
        r"dir(?:e|ti|le) (?:di )?no\b|tirarmi indietro|fermarmi|rinunciare|limitarmi)",
        r"\b(?:fuori|oltre|al di là|esula|va oltre)(?: (?:da|dal|dalle|dai|dalla|di|le|i|la|il|quello|ciò|"
        r"delle|dei|del|quanto)){0,3} (?:mi[aoe]|miei|che (?:mi|posso|faccio)|posso)\b",
        r"\bcontr(?:o|ari[oa] a)i? (?:i |le |il |la )?(?:miei|mi[aoe])\b|\bnon (?:è|"
        r"sarà) possibile (?:\w+ )?(?:rispond|soddisf|aiut|offr|forn|gener|cre|elabor|redig|scriv|complet|"
        r"tratt|esegu|evader)",
        r"^(?:mi dispiace|spiacente|scusa|mi spiace),? ?(?:ma )?no\.|^(?:assolutamente )?no[,:]? (?:grazie|"
        r"mi dispiace|niente|spiacente)|^[^.!?\n]{0,30}\bpasso oltre\b|\bla mia risposta è (?:un )?no\b",
    ),
    sign(
        "ich mir mein meine meinen meiner meinem meines nein kein keine keinen leider hier dazu dafür "
        "sorry entschuldigung es",
        r"\bich "
        + _DE_OTHER
        + r"(?:\w+e|kann|darf|will|muss|mag|soll|bin)\b"
        + _DE_TO_IT
        + r" (?:nicht(?! (?:nur|ganz|sicher|genau|wirklich (?:weiß|sicher)|unbedingt|alle\b))|kein(?:e|en|"
        r"er|em|es)?\b(?! (?:\w+ )?(?:zugriff|zugang|gefühl|körper|meinung|mensch|arzt|ärzt|anwalt|zweifel|"
        r"jurist|experte)))",
        r"\b"
        + _DE_OTHER
        + r"(?:\w+e|kann|darf|will|muss|mag|bin|sollte) ich"
        + _DE_TO_IT
        + r" (?:nicht(?! (?:nur|ganz|sicher|genau|unbedingt|alle\b))|kein(?:e|en|er|em|"
        r"es)?\b(?! (?:\w+ )?(?:zugriff|zugang|gefühl|körper|meinung|zweifel)))",
        r"\bich (?:bin|verstehe|habe|weiß|möchte|muss|respektiere)\b[^.!?\n]{3,90}?\b(?:und|aber|daher|"
        r"deshalb|kann|darf) (?:kann|darf|werde|möchte|will|werd) ?(?:ich )?(?:\w+ ){0,4}?(?:nicht|"
        r"keine?\w*)\b",
        r"\b(?:die|das|der|dem|den|denen|wozu|womit|worüber|dass|weshalb|weil|da|wenn|was|"
        r"worauf) ich\b[^.!?\n,]{0,70}?\b(?:nicht|keine?\w*)\b[^.!?\n,]{0,40}\b(?:kann|werde|möchte|darf|"
        r"will|sollte|antworte|schreibe|mache|tue|gebe|helfe|mag|\w+iere)\b(?! (?:garant|sagen))",
        r"\b(?:ich (?:muss|möchte|werde|würde|will|sollte)|(?:muss|möchte|werde|würde|will|"
        r"sollte) ich)[^.!?\n]{0,90}?\b(?:ablehnen|abzulehnen|zurückhalten|enthalten|absehen|verzichten|"
        r"verweigern|passen|abweisen|zurückweisen|vermeiden|raushalten|heraushalten|absagen|"
        r"neutral bleiben|unterlassen)\b",
        r"\b(?:ich (?:lehne|sehe|halte|enthalte|verzichte|weigere|verweigere|passe|vermeide|ziehe)|"
        r"(?:lehne|sehe|halte|enthalte|verzichte|weigere|verweigere|passe) ich)\b(?: [\w-]+,?){0,7}? "
        r"?(?:\bab\b|davon ab|zurück\b|raus\b|heraus\b|fern\b|(?<=enthalte )mich|(?<=verzichte )\w+|"
        r"(?<=weigere )mich)",
        r"\b(?:ist|wäre|sind|bleibt) (?:es )?(?:mir|für mich) [^.!?\n]{0,30}?(?:nicht (?:\w+ )?(?:möglich|"
        r"gestattet|erlaubt)|untersagt|unmöglich|verboten|verwehrt)|\bmir (?:ist es |"
        r"leider )?(?:\w+ ){0,3}?(?:nicht (?:möglich|gestattet|erlaubt|zu\b)|untersagt|unmöglich)|"
        r"\b(?:steht|liegt) (?:es )?mir nicht zu",
        r"\b(?:gehör\w+|entspr[ei]ch\w+|fäll\w+|pass\w+|lieg\w+|verst[oö]\w+|ist|sind|geh\w+|"
        r"übersteig\w+)(?: [\w-]+){0,3}? (?:nicht|außerhalb|jenseits|über|gegen|"
        r"keine)(?: [\w-]+){0,3}? (?:mein\w*|dessen, was ich|(?:etwas|dingen|themen|sachen|das|"
        r"dem), (?:was|bei|die|das|worüber|wobei|mit|zu)(?: \w+)? ich)\b",
        r"\bwiderspr\w+ (?:\w+ )?mein|\bnichts, (?:was|wobei|wozu|worüber) ich\b|\bpasse ich\b|"
        r"\bich [^.!?\n]{0,20}außerstande|\b(?:bin ich|ich bin) (?:\w+ ){0,2}der falsche|\bich passe\b|"
        r"\blasse ich (?:\w+ ){0,2}?(?:die finger|bleiben|sein\b|aus\b)|\b(?:meine|"
        r"aufgrund meiner) (?:\w+ )?(?:richtlinien|vorgaben|programmierung|regeln|grundsätze|"
        r"sicherheits\w+)[^.!?\n]{0,30}\b(?:erlaub\w+|lassen|verbiet\w+|gestatt\w+|untersag\w+|hinder\w+)",
        r"\b(?:es wäre|wäre es|halte es für)(?: [\w-]+){0,3}? (?:unangemessen|unangebracht|unethisch|"
        r"unverantwortlich|nicht (?:angemessen|angebracht|ethisch|richtig|vertretbar))(?: von mir|"
        r" für mich)?, (?!wenn)[^.!?\n]{0,60}\b(?:zu|ich)\b[^.!?\n]{0,12}",
        r"^\W*(?:nein[.!,]? ?(?:$|danke|leider|das (?:geht|mach|kann|werd|schreib)|tut|sorry|dazu|keine)|"
        r"(?:leider|dazu|da) (?:nein|nicht|keine?\w*\b)|(?:tut mir leid|entschuldigung|"
        r"sorry),? (?:aber )?(?:nein|nicht|das (?:geht|mach)|da))|[.!] (?:dazu|dafür|hier) (?:keine?\w*|"
        r"nichts)\b|\b(?:leider|hier) nicht möglich\b",
    ),
)
