"""How text that wants to be obeyed by a model speaks in other languages than English."""

# A pattern is easier to check in one piece.
# ruff: noqa: E501

from __future__ import annotations

from proactive_inference.untrusted.sorts import Sort

# Sort, beginnings of words (none: scripts that set no blanks), pattern; by language
OTHERS = (
    (
        Sort.OVERRIDE,
        "ignor vergi verge missa beach verwi",
        r"\b(?:ignorier\w*|vergiss|vergesst|vergessen sie|missachte\w*|beachte\w* nicht|verwirf)(?: \w+){0,3} (?:anweisung\w*|instruktion\w*|vorgaben?|befehle?|prompts?|regeln)\b",
    ),
    (
        Sort.OVERRIDE,
        "ignor oubli negli ne",
        r"\b(?:ignore[zrs]?|oublie[zrs]?|neglige[zr]?|ne (?:tiens|tenez) (?:pas|plus) compte (?:de|des))(?: \w+){0,3} (?:instructions?|consignes?|directives?|ordres)(?: \w+){0,2} (?:precedente?s?|anterieure?s?|ci dessus|initiale?s?|recue?s?)\b",
    ),
    (
        Sort.OVERRIDE,
        "ignor olvid omite desca haz haga",
        r"\b(?:ignor[ae]\w?|olvid[ae]\w?|omite|descarta|(?:haz|haga) caso omiso de)(?: \w+){0,3} (?:instrucciones|indicaciones|ordenes|directrices)\b",
    ),
    (
        Sort.OVERRIDE,
        "ignor esque desco desre desca",
        r"\b(?:ignore|esqueca|desconsidere|desrespeite|descarte)(?: \w+){0,3} (?:instrucoes|ordens|diretrizes|orientacoes)\b",
    ),
    (
        Sort.OVERRIDE,
        "ignor dimen trasc",
        r"\b(?:ignora|ignorate|dimentica|dimenticate|trascura)(?: \w+){0,3} (?:istruzioni|indicazioni|direttive|ordini)\b",
    ),
    (
        Sort.OVERRIDE,
        "negee verge",
        r"\b(?:negeer|vergeet)(?: \w+){0,3} (?:instructies|opdrachten|aanwijzingen|regels)\b",
    ),
    (
        Sort.OVERRIDE,
        "ignor glom bortse glem se",
        r"\b(?:ignorera|glom|bortse fran|ignorer|glem|se bort fra)(?: \w+){0,3} (?:instruktion\w*|anvisning\w*|instruks\w*)\b",
    ),
    (
        Sort.OVERRIDE,
        "zigno ignor zapom pomin",
        r"\b(?:zignoruj|ignoruj|zapomnij|pomin)(?: \w+){0,3} (?:instrukcj\w+|polece\w+|wytyczn\w+)\b",
    ),
    (
        Sort.OVERRIDE,
        "ignor zapom",
        r"\b(?:ignoruj|ignorujte|zapomen\w*)(?: \w+){0,3} (?:pokyny|instrukce|prikazy)\b",
    ),
    (
        Sort.OVERRIDE,
        "игнор проиг забуд не отмен",
        r"\b(?:игнорируй\w*|проигнорируй\w*|забудь\w*|не обращаи\w* внимания на|отмени)(?: \w+){0,3} (?:инструкци\w+|указани\w+|команд\w*|правил\w*|промпт\w*)",
    ),
    (
        Sort.OVERRIDE,
        "ігнор забуд",
        r"\b(?:ігноруи\w*|ігноруй\w*|забудь\w*)(?: \w+){0,3} (?:інструкц\w+|вказівк\w+)",
    ),
    (
        Sort.OVERRIDE,
        "talim komut yoner",
        r"\b(?:talimat\w*|komut\w*|yonerge\w*)(?: \w+){0,2} (?:yok say\w*|unut\w*|gormezden gel\w*|dikkate alma\w*)\b",
    ),
    (Sort.OVERRIDE, "abaik lupak", r"\b(?:abaikan|lupakan)(?: \w+){0,3} (?:instruksi|perintah|petunjuk)\b"),
    (Sort.OVERRIDE, "bo quen", r"\b(?:bo qua|quen)(?: \w+){0,3} (?:huong dan|chi dan|lenh|chi thi)\b"),
    (
        Sort.OVERRIDE,
        "ignor uita uitat",
        r"\b(?:ignora|ignorati|uita|uitati)(?: \w+){0,3} (?:instructiunile|instructiuni)\b",
    ),
    (Sort.OVERRIDE, "hagyd felej", r"\b(?:hagyd figyelmen kivul|felejtsd el)(?: \w+){0,4} (?:utasitas\w*)\b"),
    (Sort.OVERRIDE, "ohita unohd", r"\b(?:ohita|unohda)(?: \w+){0,3} (?:ohjeet|ohjeita)\b"),
    (Sort.OVERRIDE, "αγνοη ξεχασ", r"\b(?:αγνοησε|ξεχασε)(?: \w+){0,3} (?:οδηγι\w+|εντολ\w+)"),
    (
        Sort.OVERRIDE,
        "",
        r"(?:忽略|无视|無視|忽視|忘记|忘掉|忘記|不要理会|不要遵守|别管).{0,14}(?:指令|指示|说明|說明|提示|命令|规则|規則)",
    ),
    (Sort.OVERRIDE, "", r"(?:指示|命令|指令|プロンプト|ルール).{0,6}(?:無視|忘れ|従わない)"),
    (Sort.OVERRIDE, "", r"(?:지시|명령|지침|프롬프트).{0,6}(?:무시|잊)"),
    (Sort.OVERRIDE, "تجاهل انس اهمل", r"(?:تجاهل|انس|اهمل).{0,24}(?:تعليمات|التعليمات|الاوامر|اوامر)"),
    (Sort.OVERRIDE, "התעלם התעלמו שכח", r"(?:התעלם|התעלמו|שכח).{0,16}(?:ההוראות|הוראות)"),
    (Sort.OVERRIDE, "", r"(?:निर्देश).{0,14}(?:अनदेखा|अनदेखी|नजरअंदाज|भूल)"),
    (Sort.OVERRIDE, "", r"(?:เพิกเฉย|ละเว้น|ลืม).{0,16}(?:คำสั่ง|คำแนะนำ)"),
    (
        Sort.ADDRESS,
        "ki kis sprac assis",
        r"\b(?:als|an die|an den|hinweis fur|fur die|achtung|liebe|lieber) (?:\w+ )?(?:ki|kis|sprachmodelle?|assistent\w*|ki assistent\w*|ki agenten?)(?: \w+){0,3}? (?:musst|mussen|sollst|sollen|muss|soll|schlage?|schlag|fuhre?|bitte|biete)\b",
    ),
    (
        Sort.ADDRESS,
        "qu",
        r"\ben tant qu (?:\w+ )?(?:ia|assistant\w*|agent)(?: \w+){0,3}? (?:vous devez|tu dois|vous etes|propose\w*)\b",
    ),
    (
        Sort.ADDRESS,
        "asist ia model agent",
        r"\b(?:como|atencion|estimado) (?:\w+ )?(?:asistente|ia|modelo de lenguaje|agente)(?: \w+){0,3}? (?:debes?|tienes que|debe|propon\w*|sugiere|ejecuta)\b",
    ),
    (
        Sort.ADDRESS,
        "assis ia model",
        r"\bcomo (?:\w+ )?(?:assistente|ia|modelo de linguagem)(?: \w+){0,3}? (?:voce deve|deve|precisa|sugira|proponha)\b",
    ),
    (
        Sort.ADDRESS,
        "assis ia agent",
        r"\b(?:in qualita di|come) (?:\w+ )?(?:assistente|ia|agente)(?: \w+){0,3}? (?:devi|deve|proponi|suggerisci)\b",
    ),
    (Sort.ADDRESS, "ai assis", r"\bals (?:\w+ )?(?:ai|assistent)(?: \w+){0,3}? moet (?:je|u)\b"),
    (
        Sort.ADDRESS,
        "ии ассис помощ модел нейро",
        r"\b(?:как|уважаемыи|внимание) (?:\w+ )?(?:ии|ассистент\w*|помощник\w*|модель|нейросеть)(?: \w+){0,3}? (?:ты должен|вы должны|должен|предложи\w*|выполни\w*)",
    ),
    (
        Sort.ADDRESS,
        "",
        r"(?:作为|身为|致|请注意).{0,8}(?:助手|语言模型|智能体|人工智能|ai).{0,10}(?:必须|应该|应当|你要|你需要)",
    ),
    (
        Sort.ADDRESS,
        "",
        r"(?:アシスタント|言語モデル|エージェント|ai)(?:として|へ|よ).{0,20}(?:必要があります|してください|しなければ)",
    ),
    (
        Sort.ADDRESS,
        "",
        r"(?:어시스턴트|비서|언어 모델|에이전트|인공지능|ai)(?:로서|에게|는|은)?.{0,12}(?:해야 합니다|하세요|하십시오|해야 한다)",
    ),
)
