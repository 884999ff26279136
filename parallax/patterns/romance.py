"""How Spanish, French, Portuguese and Italian decline and dodge."""

from __future__ import annotations

from parallax.patterns.parts import Language, any_of, sign, words

# Up to three words, none of them a verb's end of sentence, between what declines and the verb it declines.
_GAP = r"(?: \w+,?){0,3}? "

_ES_UNABLE = any_of(
    r"puedo|podr[ée]|podr[íi]a|consigo|debo|deber[íi]a|quiero|quisiera|deseo|voy a|pienso|sabr[íi]a",
    r"me (?:es|ser[íi]a|ser[áa]|resulta) (?:posible|f[áa]cil|apropiado|permitido|l[íi]cito)",
    r"me (?:est[áa]|es) permitido|me siento (?:\w+ )?c[óo]mod[oa]|me corresponde|me parece (?:\w+ )?\w+",
    r"soy capaz de|tengo (?:la (?:capacidad|posibilidad|facultad|potestad)|permitido|permiso|autorizaci[óo]n)"
    r"(?: de| para)?",
    r"estoy (?:en (?:condiciones|posici[óo]n|disposici[óo]n) de|\w+ (?:a|para)|capacitad[oa] (?:a|para))",
    r"(?:ser[íi]a|es) (?:\w+ )?(?:apropiado|adecuado|[ée]tico|correcto|responsable|posible)"
    r"(?: (?:que|de mi parte|por mi parte|para m[íi]))?",
)
_ES_NOT = (
    rf"\b(?:no (?:te |le |les |os |lo )?{_ES_UNABLE}|me (?:es|resulta|ser[íi]a) imposible|me (?:niego"
    r"|reh[úu]so|abstengo|abstendr[ée]) (?:a|de)"
    r"|(?:debo|tengo que|voy a|prefiero|preferir[íi]a) (?:declinar|rechazar|negarme a|rehusarme a"
    r"|abstenerme de|evitar)|(?:prefiero|preferir[íi]a) no)"
)
# "Asistir" alone is to attend.
_ES_SERVE = words(
    "ayudar asistir(?:te|le|les|los|os)\\b proporcionar ofrecer escribir redactar generar crear elaborar "
    "producir responder contestar facilitar brindar complacer discutir opinar comentar traducir proceder "
    "emitir(?:\\s\\w+){0,2}?\\s(?:opini|juicio|comentario) expresar\\s(?:una|mi|ninguna|opini) atender\\b "
    "cumplir(?:\\scon)?\\s(?:tu|su|esa?|est[ae]|lo\\sque) satisfacer acceder\\sa\\s(?:tu|su|es[ae]|est[ae]) "
    "participar\\sen\\s(?:est[ae]|es[ae]|conversa|discusi|debate|actividades|la\\screaci) "
    "continuar\\s(?:con\\s)?(?:est[ae]|es[ae]|la\\sconversa) hablar(?:te|le)?\\s(?:de|sobre) tratar\\s "
    "hacer(?:lo\\b|\\s(?:eso|esto|chistes|bromas|comentarios|un\\schiste|una\\sbroma|juicios)) "
    "realizar\\s(?:est[ae]|es[ae]|tu|su) orientar(?:te|le) asesorar aconsejar recomendar(?:te|le)?\\s "
    "dar(?:te|le|les|os)?\\s(?:\\w+\\s){0,2}(?:informaci|consejo|instrucci|detalle|opini|respuesta|ayuda"
    "|recomendaci|orientaci|asesor|pautas|indicaci|una?\\s\\w*valoraci)"
)
# Verbs that a character of a story or a letter's writer may negate as well.
_ES_TELL = words(
    "tomar\\s(?:\\w+\\s)?(?:partido|posici|postura|parte) posicionar decir contar hablar explicar describir "
    "juzgar valorar evaluar criticar apoyar promover compartir respaldar fomentar defender comparar indicar "
    "enseñar instruir guiar confirmar revelar especular debatir analizar diagnosticar recetar prescribir "
    "hacer realizar dar participar entrar\\sen pronunciar afirmar justificar determinar sugerir elegir "
    "ponerme\\s mantener\\suna asegurar mostrar"
)
_ES_WONT = (
    "ayudaré escribiré ofreceré proporcionaré generaré crearé responderé contestaré opinaré comentaré "
    "participaré "
    "tomaré haré redactaré daré explicaré hablaré diré pronunciaré elaboraré compartiré apoyaré contaré "
    "entraré "
    "emitiré describiré enseñaré revelaré juzgaré traduciré"
)
_ES_DO = (
    "ayudo escribo ofrezco proporciono genero respondo contesto opino comento tomo doy hago participo "
    "redacto apoyo "
    "emito comparto"
)
_ES_DONE = words(
    "partido posici postura opini ese\\b es[oa]\\b esto chiste broma conte consej instruc "
    "sobre con\\s a\\s en\\s"
)
SPANISH = Language(
    declines=sign(
        "puedo podré podre podría podria consigo debo debería deberia quiero quisiera deseo voy pienso "
        "sabría "
        "sabria me soy tengo estoy sería seria es niego rehúso rehuso abstengo abstendré abstendre prefiero "
        "preferiría preferiria siento está esta este esto esa ese posible puede pueden alcance capacidades",
        rf"{_ES_NOT}{_GAP}{_ES_SERVE}",
        r"\blo siento,? (?:pero )?no puedo\b(?! (?:ir|asistir|venir|acudir|quedarme|acompañar|dormir)\b)",
        r"\b(?:debo|tengo que) (?:\w+mente )?(?:rechazar|declinar) (?:\w+ ){0,2}(?:solicitud|petici|invitaci"
        r"|respuesta)",
        r"\b(?:est[ae]|es[ae]|tu|su) (?:solicitud|petici[óo]n|pregunta|consulta"
        r"|tema) no (?:se )?puede(?: ser)? "
        r"(?:\w+ )?(?:atend|proces|respond|contest|complet|cumpl|trat)",
        r"\bno (?:me )?es posible (?:\w+ ){0,2}?(?:responder|atender|ayudar|ofrecer|proporcionar|generar"
        r"|crear)",
        r"\b(?:est[áa]|queda|va|sale) (?:\w+ ){0,2}?(?:fuera|m[áa]s all[áa]) (?:de )?mis? (?:\w+ )?(?:alcance"
        r"|[áa]mbito|capacidad|competencia|posibilidad|funcion)|\b(?:excede|supera) mis? (?:\w+ )?(?:alcance"
        r"|[áa]mbito|capacidad|competencia)",
    ),
    opens=sign(
        f"{_ES_WONT} {_ES_DO} puedo podré podre podría podria consigo debo debería deberia quiero quisiera "
        f"deseo voy pienso "
        "sabría "
        "sabria me soy tengo estoy sería seria es niego rehúso rehuso abstengo abstendré abstendre prefiero "
        "preferiría preferiria mi",
        r"\bno me siento (?:\w+ )?c[óo]mod[oa]\b|\bmi (?:funci[óo]n|papel|rol) no (?:es|incluye|consiste)",
        rf"{_ES_NOT}{_GAP}(?:{_ES_TELL}|(?:eso|esto)\b)",
        rf"\bno (?:te |le |les |me |lo )?{words(_ES_WONT)}\b|\bno (?:te "
        rf"|le )?{words(_ES_DO)} (?:\w+ ){{0,2}}?{_ES_DONE}",
        r"^(?:lo siento|lamento|lo lamento|perd[óo]n|disculp\w+|como (?:una? )?(?:ia|ai|modelo|asistente"
        r"|inteligencia))[^.!?\n]{0,90}?\bno (?:puedo|podr[ée]|podr[íi]a|voy a|estoy|quiero)\b"
        r"(?! (?:ir|asistir|venir|acudir|quedarme|acompañar|dormir)\b)",
    ),
    dodges=sign(
        "hablemos hablamos hablar opiniones opinión cambiemos cambiar neutral neutralidad mantenerme "
        "complejo "
        "compleja sensible delicado delicada controvertido controvertida polémico quienes algunos unos "
        "perspectivas posturas opiniones puntos debate consultar consulta consultes acudir acudas recomiendo "
        "busca buscar conclusiones",
        r"\b(?:hablemos|hablamos|podemos hablar|hablar) (?:\w+ )?(?:de|sobre) otr[ao]",
        r"\bhablemos (?:de|sobre)|\bno tengo (?:una )?opini",
        r"cambi(?:emos|ar) de tema|(?:mantener(?:me)?|ser|permanecer|soy) (?:\w+ )?neutral",
        r"(?:tema|cuesti[óo]n|asunto|situaci[óo]n|pregunta|debate|conflicto|fen[óo]meno)\b[^.!?\n]{0,40}"
        r"\b(?:complej[oa]|sensible|delicad[oa]|controvertid[oa]|pol[ée]mic[oa])",
        r"\b(?:hay )?quienes [^.!?\n]{3,90}?[.,;]? (?:y |mientras |pero )?(?:hay )?quienes\b",
        r"\b(?:algunos|unos|ciertos sectores) [^!?\n]{3,140}?\b(?:mientras (?:que )?otros|otros)\b",
        r"\b(?:distintas|diferentes|diversas|m[úu]ltiples) (?:perspectivas|posturas|opiniones|visiones"
        r"|interpretaciones)|\b(?:perspectivas|posturas|opiniones) (?:\w+ )?(?:encontradas|diversas|distintas"
        r"|diferentes)|\b(?:distintos|diferentes|diversos) puntos de vista|\bobjeto de (?:\w+ )?debate",
        r"\b(?:sacar|extraer|formar(?:se|te)?) (?:\w+ ){0,2}(?:propi[ao]s? )?(?:conclusiones|opini[óo]n)",
        r"^[^\d\n]{0,400}?\b(?:consult\w+|acud\w+|habl\w+|busc\w+|contact\w+|dirig\w+) (?:\w+ ){0,5}?"
        r"(?:profesional|m[ée]dico|especialista|psic[óo]log|terapeuta|abogad|farmac[ée]utic|experto)",
    ),
)

_FR_UNABLE = any_of(
    r"ne (?:vous |te |le |la |l'|y |les )?(?:peux|pourrai|pourrais|vais|puis|veux|souhaite|saurais|dois"
    r"|compte|d[ée]sire|prendrai|ferai)(?: (?:malheureusement|donc|absolument|tout simplement))?(?: pas)?",
    r"ne suis (?:malheureusement |donc )?pas (?:en mesure|capable|autorisée?|habilitée?|programmée?|conçue?"
    r"|à l'aise|en position|compétente?|qualifiée?|disposée?|prête?|là)(?: (?:d[e']|à|pour))?",
    r"n'ai (?:malheureusement )?pas (?:la (?:capacité|possibilité)|l'autorisation|le droit|la permission"
    r"|vocation"
    r"|pour (?:rôle|vocation))(?: (?:d[e']|à))?",
    r"(?:refuse|m'abstiens|m'abstiendrai|m'interdis) d[e']|(?:préfère|préférerais|aime autant) (?:ne pas"
    r"|m'abstenir d[e']|éviter d[e'])",
)
_FR_NOT = any_of(
    rf"\bje {_FR_UNABLE}|\bet (?:je )?ne (?:peux|puis|pourrai|saurais|souhaite)(?: (?:donc|pas)){{0,2}}",
    r"\bil (?:ne )?m'est (?:malheureusement )?(?:impossible|pas (?:possible|permis))(?: d[e'])?",
    r"\b(?:il )?(?:ne serait|n'est|ne me semble|ne me paraît) pas (?:\w+ )?(?:approprié|convenable|éthique"
    r"|correct|possible|souhaitable)(?: (?:de ma part|pour moi))?(?: (?:que je|d[e']))?",
)
_FR_SERVE = words(
    "aider assister fournir écrire rédiger créer générer répondre(?!\\spr[ée]sent) satisfaire produire "
    "discuter "
    "accéder\\sà\\s(?:votre|ta|cette) "
    "donner\\s(?:\\w+\\s|d[e']\\s?|l'){0,4}?(?:conseil|avis|information|instruction"
    "|détail|opinion|réponse|indication|recommandation) composer proposer\\s exprimer\\s commenter aborder "
    "poursuivre\\s(?:cette|la\\sconv) continuer\\s(?:cette|la\\sconv) "
    "participer\\sà\\s(?:ce|cette|ces|une?\\sdisc|la\\scréa|des) "
    "faire\\s(?:ça|cela|ce\\sque|de\\sblague|cette) "
    "traiter\\s donner\\ssuite conseiller\\s apporter\\s(?:une\\s|de\\s)?(?:réponse|aide|assistance) "
    "traduire effectuer\\s(?:cette|ce|votre) imaginer\\sde reproduire prodiguer prescrire\\s engager\\sdans"
)
_FR_TELL = words(
    "parler dire raconter porter prendre(?:\\s\\w+)?\\s(?:parti|position) me\\sprononcer trancher juger "
    "évaluer "
    "critiquer soutenir promouvoir partager encourager défendre comparer expliquer décrire indiquer "
    "enseigner "
    "guider confirmer révéler débattre analyser diagnostiquer faire donner participer entrer affirmer "
    "justifier déterminer suggérer émettre afficher plaisanter me\\smoquer divulguer spéculer formuler "
    "montrer "
    "choisir inventer vous\\sdire"
)
_FR_DO = words("réponds écris donne prends rédige commente fais\\spas\\sde fournis génère produis participe")
FRENCH = Language(
    declines=sign(
        "vois peux pourrai pourrais vais puis veux souhaite saurais dois compte désire prendrai ferai suis "
        "n'ai "
        "refuse "
        "m'abstiens m'abstiendrai m'interdis préfère préférerais aime m'est serait n'est semble paraît "
        "dépasse "
        "sort relève peut hors delà",
        rf"{_FR_NOT}(?: (?:vous|te|t'|y|pas|me|moi|en|à|donc|malheureusement"
        rf"|davantage)){{0,4}}? ?{_FR_SERVE}",
        r"\bje (?:me )?(?:dois|vais|préfère) (?:\w+ ){0,3}?(?:décliner|refuser)",
        r"\bje suis (?:\w+ )?dans l'impossibilité de|\bje (?:suis|me vois) (?:\w+ )?(?:contrainte?"
        r"|obligée?) de (?:refuser|décliner)",
        r"\b(?:cette|votre|ta) (?:demande|question|requête) ne peut (?:\w+ )?(?:pas )?être (?:traité"
        r"|satisfait"
        r"|honoré|accept)",
        r"\b(?:dépasse|sort d|va au-delà d|est en dehors d|est hors d|se situe hors d"
        r"|ne relève pas d)[^.!?\n]"
        r"{0,12}?(?:mon|mes|ce dont je|ma) ?(?:\w+ ){0,2}?(?:champ|cadre|domaine|capacité|compétence|portée"
        r"|périmètre|autorisé|limite|fonction|possibilité)",
    ),
    opens=sign(
        "je il m'est serait n'est semble paraît",
        r"\b(?:ce n'est pas (?:à moi de|mon rôle)|il ne m'appartient pas)|\bje m'abst(?:iens|iendrai)\b",
        r"\bje ne (?:suis|me sens) pas (?:\w+ )?à l'aise|\bje n'ai pas été (?:conçue?|programmée?"
        r"|entraînée?) pour",
        rf"{_FR_NOT}(?: (?:vous|te|t'|y|pas|en|à|donc|m'|l')){{0,4}}? ?{_FR_TELL}",
        rf"\bje (?:ne |n')(?:vous |te )?{_FR_DO}\w* (?:pas|aucun|jamais)|\bje n(?:e |')(?:vous |te "
        r"|l')?(?!pourrai"
        r"|serai|viendrai|resterai|saurai|irai|oublierai|aurai)\w+rai (?:pas|aucun|ni)",
        r"^(?:(?:je suis )?(?:\w+ )?désolée?|je regrette|navrée?|pardon"
        r"|en tant qu[e'])[^.!?\n]{0,90}?\bje (?:ne "
        r"(?:peux|puis|pourrai|vais)|n'ai pas le droit)\b(?! (?:pas )?(?:venir|aller|assister|dormir"
        r"|rester|être)\b)",
    ),
    dodges=sign(
        "opinion opinions parlons parler sujet sujets neutre neutralité changeons n'ai d'opinion complexe "
        "sensible "
        "délicat délicate délicate controversé controversée certains vue perspectives débat débats débattu "
        "consulter "
        "consultez contacter contactez recommande conseillé rapprocher divergent côté uns",
        r"je n'ai pas d'(?:opinion|avis)|\bparlons (?:plutôt )?d|changeons de sujet|(?:d'un|à un) autre sujet"
        r"|(?:rester|demeurer) (?:\w+ )?neutre",
        r"\b(?:sujet|question|thème|problématique|conflit|débat|enjeu)\b[^.!?\n]{0,40}\b(?:complexe|sensible"
        r"|délicate?|controversée?|polémique|débattue?)",
        r"\bcertains [^!?\n]{3,160}?\b(?:d'autres|tandis que|alors que|certains)\b",
        r"\bd'un côté[^!?\n]{3,140}?\bde l'autre\b|\b(?:pour )?les uns\b[^!?\n]{3,140}?\bles autres\b",
        r"\b(?:différents?|divers|différentes|multiples) (?:points de vue|perspectives|opinions|avis)"
        r"|\bpoints de vue (?:\w+ )?(?:diverge|diffèrent|sur)|\b(?:suscite|fait l'objet d|a suscité)"
        r"[^.!?\n]{0,20}(?:débats|discussions|controverses)",
        r"\b(?:forger|faire|former) (?:\w+ ){0,2}(?:propre )?(?:opinion|avis|idée)",
        r"^[^\d\n]{0,400}?\b(?:consult\w+|contact\w+|adress\w+|rapproch\w+"
        r"|tourn\w+) (?:[\w']+ ){0,4}?(?:d'un |l'un )?"
        r"(?:professionnel|médecin|spécialiste|psychologue|thérapeute|avocat|pharmacien|expert)",
    ),
)

_PT_NOT = (
    r"\b(?:não (?:te |lhe |vou |o )?(?:posso|poderei|poderia|consigo|quero|devo|deveria|vou|pretendo|desejo"
    r"|gostaria de|saberia|me (?:é|seria) (?:possível|permitido|apropriado)|é-me possível|me cabe|me compete"
    r"|me sinto (?:\w+ )?(?:confortável|à vontade)(?: em| para)?|sou capaz de|tenho (?:a capacidade|permissão"
    r"|autorização|como|condições|possibilidade)(?: de| para)?|estou (?:\w+ )?(?:autorizad[oa]|habilitad[oa]"
    r"|programad[oa]|apt[oa]|em condições|disponível|dispost[oa]|capacitad[oa]|em posição|qualificad[oa])"
    r"(?: a| de| para)?|(?:é|seria) (?:\w+ )?(?:apropriado|adequado|ético|correto|possível|responsável)"
    r"(?: (?:que eu|da minha parte|para mim|eu))?)|(?:recuso|nego)-me a|me (?:recuso|nego) a"
    r"|(?:prefiro|preferia|preferiria|opto por|escolho) (?:não|evitar|me abster de|abster-me de)"
    r"|(?:devo|tenho de|tenho que|preciso) (?:recusar|declinar)(?:-me a)?|abstenho-me de|me abstenho de"
    r"|(?:é|seria)(?:-me)? impossível(?: para mim)?)"
)
_PT_SERVE = words(
    "ajudar ajudá auxiliar fornecer escrever criar gerar responder redigir elaborar oferecer discutir "
    "produzir opinar comentar traduzir prestar\\s(?:\\w+\\s)?(?:aju|assist|inform|aconselh|esclarec) "
    "aconselhar orientar recomendar atender\\s(?:a\\s|ao\\s)?(?:est|ess|seu|sua|teu|tua) satisfazer "
    "atendê cumprir\\s(?:est|ess|o\\sseu|o\\steu|seu|sua|com) falar\\s(?:sobre|de) "
    "participar\\s(?:dest|dess|nest|ness|de\\sdisc|de\\sconv|em\\sdisc|em\\sconv|da\\scria|na\\scria) "
    "continuar\\s(?:com\\s)?(?:est|ess|a\\sconv) "
    "fazer\\s(?:isso|isto|piada|coment|esse|essa|este|esta|ju[ií]z|ess) fazê-lo prosseguir "
    "realizar\\s(?:est|ess|sua"
    "|tua) "
    "dar(?:-lhe|-te)?\\s(?:\\w+\\s){0,2}(?:inform|conselho|instru|detalhe|opini|resposta|ajuda|recomenda"
    "|orienta|indica|parecer) emitir\\s(?:\\w+\\s){0,2}(?:opini|ju[ií]zo|parecer|coment) "
    "expressar\\s(?:opini|uma|minha) processar\\s(?:est|ess)"
)
_PT_TELL = words(
    "tomar\\s(?:\\w+\\s)?(?:partido|posi|lado) posicionar dizer contar falar explicar descrever julgar "
    "avaliar "
    "criticar apoiar promover compartilhar partilhar incentivar defender comparar indicar ensinar instruir "
    "guiar confirmar revelar especular debater analisar diagnosticar receitar prescrever fazer realizar dar "
    "participar entrar\\sem me\\spronunciar pronunciar afirmar justificar determinar sugerir escolher emitir "
    "expressar mostrar brincar influenciar passar"
)
PORTUGUESE = Language(
    declines=sign(
        "posso poderei poderia consigo quero devo deveria vou pretendo desejo gostaria saberia me é seria "
        "sou "
        "tenho estou recuso nego prefiro preferia preferiria opto escolho preciso abstenho desculpe "
        "desculpa lamento "
        "pode fora além",
        rf"{_PT_NOT}{_GAP}{_PT_SERVE}",
        rf"{_PT_NOT} (?:a |o |à )?(?:sua |seu |teu |tua |este |esta |esse |essa )?(?:solicitação|pedido)",
        r"\b(?:sinto muito|desculp[ea]|lamento|perdão)[^.!?\n]{0,12} não (?:posso|consigo)\b"
        r"(?! (?:ir|assistir|vir|comparecer|ficar|dormir)\b)",
        r"\b(?:est[ea]|ess[ea]|seu|sua) (?:solicitação|pedido|pergunta|questão) não pode ser (?:\w+ )?"
        r"(?:atendid|processad|respondid|completad|cumprid)",
        r"\b(?:está|fica|vai) (?:\w+ )?(?:fora|além) d[oae]s? (?:meu|minha|meus|minhas) (?:\w+ )?(?:escopo"
        r"|alcance"
        r"|âmbito|capacidade|competência|limite|funç)|\b(?:excede|ultrapassa) (?:o |a |as |os )?(?:meu"
        r"|minha)",
    ),
    opens=sign(
        "posso poderei poderia consigo quero devo deveria vou pretendo desejo gostaria saberia me é seria "
        "sou "
        "tenho estou recuso nego prefiro preferia preferiria opto escolho preciso abstenho não",
        r"\bnão (?:é|seria) (?:\w+ )?(?:apropriado|adequado|ético|correto) que eu\b"
        r"|\bnão me sinto (?:\w+ )?confortável",
        rf"{_PT_NOT}{_GAP}(?:{_PT_TELL}|(?:isso|isto)\b)",
        r"\bnão (?:te |lhe |me )?(?!serei|estarei|irei|virei|voltarei|esquecerei|terei)\w+[aei]rei\b"
        r"|\bnão (?:lhe |te )?farei\b",
        r"\bnão (?:emito|expresso|tomo|dou|faço|comento|opino|escrevo|forneço|participo|ajudo|crio"
        r"|gero) (?:\w+ ){0,2}?"
        r"(?:posi|partido|lado|opini|piada|ess|isso|isto|com|sobre|conte|conselho|instru)",
        r"^(?:sinto muito|desculp[ea]|lamento|perdão|como (?:uma? )?(?:ia|ai|modelo|assistente|inteligência))"
        r"[^.!?\n]{0,90}?\bnão (?:posso|consigo|poderei|vou|estou)\b(?! (?:ir|assistir|vir|comparecer|ficar"
        r"|dormir)\b)",
    ),
    dodges=sign(
        "falar falemos conversar mudar mudemos opinião opiniões neutro neutra neutral neutralidade complexo "
        "complexa sensível delicado delicada polêmico polêmica controverso controversa alguns uns "
        "perspectivas "
        "perspetivas vista consultar consulte procure procurar conversar recomendo debate divide",
        r"\b(?:vamos|podemos) (?:falar|conversar) (?:sobre|de) outr|\bmud(?:ar|emos) de assunto",
        r"\bnão (?:tenho|possuo) (?:uma )?opini|\b(?:manter|permanecer|ser|sou|ficar)(?:-me)? (?:\w+ )?neutr",
        r"\b(?:tema|questão|assunto|situação|debate|conflito|tópico)\b[^.!?\n]{0,40}\b(?:complex[oa]|sensível"
        r"|delicad[oa]|pol[êe]mic[oa]|controvers[oa])|\b(?:opiniões|visões) (?:\w+ )?(?:diversas|divergentes"
        r"|diferentes|distintas)",
        r"\b(?:enquanto )?(?:alguns|para uns|uns|há quem)\b[^!?\n]{3,150}?\b(?:outros|há quem)\b",
        r"\b(?:diferentes|diversas|distintas|múltiplas|várias) (?:perspe[ct]+ivas|opiniões|visões)"
        r"|\b(?:diferentes|diversos|vários) pontos de vista",
        r"\b(?:formar|tirar|formem?) (?:\w+ ){0,2}(?:própri[ao]s? )?(?:opinião|conclusões)|\bcabe (?:à|a) "
        r"(?:sociedade|cada)",
        r"^[^\d\n]{0,400}?\b(?:consult\w+|procur\w+|convers\w+|contat\w+|contact\w+) (?:\w+ ){0,4}?"
        r"(?:profissional|médico|especialista|psicólogo|terapeuta|terapia|advogado|farmacêutico)",
    ),
)

_IT_NOT = (
    r"\b(?:non (?:ti |le |vi |lo )?(?:posso|potrò|potrei|riesco a|voglio|vorrei|devo|dovrei|intendo|desidero"
    r"|saprei|mi è (?:possibile|permesso|consentito)|mi sarà possibile"
    r"|mi sento (?:\w+ )?(?:a mio agio)?(?: a| di| nel)?"
    r"|sono (?:\w+ )?(?:in grado di|autorizzat[oa] (?:a|ad)|programmat[oa] per|abilitat[oa] (?:a|ad)"
    r"|progettat[oa] per|dispost[oa] (?:a|ad)|nella posizione di|qualificat[oa] per|capace di)"
    r"|ho (?:la (?:capacità|possibilità)|il permesso|l'autorizzazione) (?:di|per)|spetta a me"
    r"|(?:sarebbe|è) (?:\w+ )?(?:opportuno|appropriato|etico|corretto|possibile|giusto)(?: (?:che io"
    r"|da parte mia"
    r"|per me))?)|mi (?:rifiuto|astengo|asterrò) (?:di|dal|dallo)|(?:preferisco|preferirei) (?:non|evitare di"
    r"|astenermi dal)|(?:devo|sono costrett[oa] a) (?:rifiutare|declinare|rifiutarmi di))"
)
_IT_SERVE = words(
    "aiutar assister(?:ti|la|vi) fornir scriver crear generar risponder soddisfar discuter redig redarre "
    "produr "
    "elaborar offrir commentar tradur consigliar dar(?:e|ti|le|vi)\\s(?:\\w+\\s){0,2}(?:inform|consigl|istruz"
    "|dettagl|opinion|rispost|aiuto|indicaz|parer) esprimer\\s(?:\\w+\\s)?(?:opini|giudi|parer) "
    "esprimere esaudir accoglier\\w+\\s(?:la|quest) proceder partecipar\\w*\\sa\\s(?:quest|disc|conv) "
    "continuar\\w*\\s(?:quest|la\\sconv|con\\squest) parlar\\w*\\s(?:di|del) farlo\\b "
    "fare\\s(?:quest|ciò|battut|barzell|comment|quello) eseguir\\w*\\s(?:quest|la\\stua) "
    "trattar\\w*\\s(?:quest|l'arg)"
)
_IT_TELL = words(
    "prender schierar esprimer dir(?:e|ti|le|vi) raccontar parlar spiegar descriver giudicar valutar "
    "criticar "
    "sostener "
    "promuover condivider incoraggiar difender confrontar indicar insegnar guidar confermar rivelar "
    "speculare "
    "dibatter analizzar diagnosticar fare farlo dare partecipar entrare pronunciar affermar giustificar "
    "determinar sugger scegliere emetter mostrar divulgar"
)
ITALIAN = Language(
    declines=sign(
        "posso potrò potrei riesco voglio vorrei devo dovrei intendo desidero saprei mi sono ho spetta "
        "sarebbe è "
        "preferisco preferirei può va oltre fuori al esula",
        rf"{_IT_NOT}{_GAP}?{_IT_SERVE}",
        r"\bmi dispiace[^.!?\n]{0,8} non posso\b(?! (?:venire|andare|partecipare|restare|essere|dormire)\b)",
        r"\bdevo (?:\w+ )?(?:rifiutare|declinare) (?:\w+ )?(?:richiesta|invito a)",
        r"\b(?:quest[ao]|la tua|la sua) (?:richiesta|domanda) non può essere (?:\w+ )?(?:soddisfatt"
        r"|elaborat|esaudit"
        r"|accolt|evas)",
        r"\b(?:va|è|esula|rientra)[^.!?\n]{0,12}? (?:oltre|al di fuori|fuori|al di là|da)[^.!?\n]{0,10}? "
        r"(?:mi[aeo]|miei)\b (?:\w+ )?(?:ambito|competenz|capacità|portata|possibilità|compiti|campo)"
        r"|\bnon rientra nel(?:le)? mi[eo]",
    ),
    opens=sign(
        "posso potrò potrei riesco voglio vorrei devo dovrei intendo desidero saprei mi sono ho spetta "
        "sarebbe è "
        "preferisco preferirei rifiuto astengo asterrò non",
        rf"{_IT_NOT}{_GAP}?{_IT_TELL}",
        r"\bnon (?:ti |le |vi )?(?!sarò|verrò|andrò|potrò|starò|tornerò|dimenticherò|avrò)\w+[aei]rò\b",
        r"\bnon (?:prendo|do|faccio|commento|scrivo|fornisco|genero|esprimo) (?:\w+ ){0,2}?"
        r"(?:posizion|part|opinion|battut|quest|barzell|contenut|consigli|giudizi)",
        r"^(?:mi (?:dispiace|spiace)|spiacente|scusa\w*|mi scuso|in quanto|come (?:ia|ai|modello|assistente"
        r"|intelligenza))[^.!?\n]{0,90}?\bnon (?:posso|potrò|sono in grado|mi è)\b"
        r"(?! (?:venire|andare|partecipare|restare|essere|dormire)\b)",
    ),
    dodges=sign(
        "parliamo parlare cambiamo opinioni opinione neutrale imparziale complesso complessa delicato "
        "delicata "
        "sensibile controverso controversa dibattuto alcuni prospettive punti consultare consulta consulti "
        "rivolgerti "
        "rivolgersi rivolgiti parlane contattare consiglio dibattito",
        r"\bparliamo (?:d'altro|di (?:\w+ )?altr)|\bparlare d(?:'|i \w*)altro|\bcambiamo argomento",
        r"\bnon ho (?:un'|una )?opinion|\b(?:rimanere|restare|essere|rimango|resto"
        r"|sono) (?:\w+ )?(?:neutrale|imparziale)",
        r"\b(?:tema|questione|argomento|situazione|dibattito|conflitto"
        r"|problema)\b[^.!?\n]{0,40}\b(?:compless[oa]"
        r"|delicat[oa]|sensibile|controvers[oa]|dibattut[oa])",
        r"\b(?:alcuni|c'è chi|per alcuni)\b[^!?\n]{3,150}?\b(?:altri|c'è chi)\b",
        r"\b(?:diverse|differenti|varie|molteplici) (?:prospettive|opinioni|posizioni)|\b(?:diversi"
        r"|differenti|vari) "
        r"punti di vista|\bformar(?:ti|si|e) (?:\w+ ){0,2}(?:propria )?opinione",
        r"^[^\d\n]{0,400}?\b(?:consult\w+|rivolg\w+|parla\w+|contatt\w+) (?:\w+ ){0,4}?(?:professionista"
        r"|medico"
        r"|specialista|psicologo|terapeuta|avvocato|farmacista|esperto)",
    ),
)
