"""How text speaks that wants to be obeyed by a model, in English; and all such patterns together.

A pattern of words is matched against :func:`unmasking.words`: small letters, one blank between words. Its gaps are
bounded, so that the work is linear in the text.
"""

# A pattern is easier to check in one piece.
# ruff: noqa: E501

from __future__ import annotations

import re
from functools import cache

from attrs import frozen

from proactive_inference.untrusted.other_languages import OTHERS
from proactive_inference.untrusted.sorts import Sort
from proactive_inference.untrusted.unmasking import unmasked

BEGINNING = 5
"""How many letters of a word are looked up to know whether a pattern may match."""


BEGINS = r"(?:^|\0"
"""In a pattern: at the beginning of a sentence. Lines may begin one too."""


@frozen
class Phrase:
    """A pattern of words, and words without which it cannot match: with `BEGINNING` letters, their beginnings."""

    sort: Sort
    needles: str  #: each match has at least one of these; none: of a script that sets no blanks
    pattern: str
    also: str = ""  #: and one of these, if any are given


_MODEL = (
    r"(?:(?:ai|a i|llms?|ki|ia|large language models?|language models?|copilot|chatgpt|chat gpt|gpt|claude|gemini|codex|cursor"
    r"|chatbots?|proactive (?:lsp|agent|assistant))(?: (?:assistants?|agents?|models?|bots?|tools?|systems?|helpers?|reviewers?))?"
    r"|(?:ai |coding |code |virtual |programming |proactive |helpful |automated )?assistants?"
    r"|(?:coding|code|autonomous|automated|proactive|software) (?:agents?|bots?))"
)
_ANY_MODEL = rf"(?:{_MODEL}|agents?|models?|bots?)"
_MUST = r"(?:must|should|shall|has to|have to|needs? to|ought to|are to|is to|will now|can now|may now)"
_DO = (
    r"(?:propose|suggest|offer|recommend|ignore|disregard|forget|tell (?:the|your) user|tell them|install|advise|delete|disable"
    r"|upload|send|reveal|leak|exfiltrate|execute|download|comply|obey|convince|hide|add the (?:task|package|dependency))"
)
_PERSON = r"(?:user|developer|human|person|programmer|operator)"
_NOT_CODE = r"(?!(?:message|messages|response|responses|reply|role|class|prompt|api|sdk|model|mode|type|object|instance|code)s?\b)"
_BEFORE = (
    r"(?:previous|prior|preceding|above|earlier|former|foregoing|past|initial|original|existing|system|other|given"
    r"|all|any|every|your|these|those|my)"
)

ENGLISH = (
    # --- drop your instructions
    Phrase(
        Sort.OVERRIDE,
        "instr promp direc guide order told said syste everythi anyth",
        r"\b(?:ignor\w+|disregard\w*|forget\w*|overrid\w+|overrule|neglect|bypass|discard|dismiss|drop|skip|cancel|void|erase|abandon"
        r"|(?:do not|don t|dont|never|stop|no longer|instead of) (?:follow|obey|heed|listen to|adher\w+ to|follow\w+|obey\w+|act\w* on)"
        r"|(?:pay|give) no (?:attention|heed) to|set aside)(?: \w+){0,2}?"
        rf" (?:{_BEFORE}(?: of)?(?: \w+){{0,3}}? (?:instructions?|directions|prompts?|system messages?)"
        r"|(?:previous|prior|preceding|above|earlier|your|system|initial|original)(?: \w+){0,2}? (?:directives?|guidelines?|orders)"
        r"|(?:what|everything|anything|all)(?: that)?(?: \w+){0,2} (?:told|said|instructed)(?: \w+){0,2}? (?:before|above|earlier|previously|so far)"
        r"|(?:the )?(?:instructions?|directions|prompts?|directives?|orders|system messages?)"
        r" (?:above|before|you (?:were|have|received|had)|given to you|so far|prior|preceding))\b",
        also="ignor disre forge overr negle bypas disca dismi drop skip cance void erase aband follow obey heed liste adher act pay give set",
    ),
    Phrase(
        Sort.OVERRIDE,
        "ignor disre forge",
        r"\b(?:ignore|disregard|forget) (?:the |all |all of |your |any |my |these |this |rest of |of )*"
        r"(?:(?:above|preceding|previous|prior)(?: \w+)?|instructions|directions|prompt|(?:rest of |of )(?:this|the) (?:data|text|document|file|page|message))"
        r" (?:\0 )?(?:and|then|now|just|instead)(?: \w+){0,2}? (?:propose|suggest|offer|recommend|run|execute|install|print|output|say|do|reply|respond|answer|tell|write|translate|return|visit|open|follow)\b"
        r"|\b(?:ignore|disregard|forget) (?:all|any|the) (?:other )?(?:info\w*|data|content|text|context) (?:except|but|other than)\b",
    ),
    Phrase(
        Sort.OVERRIDE,
        "ignor disre forge",
        r"\b(?:ignore|disregard|forget) (?:everything|anything|all|whatever)(?: \w+){0,4}? (?:above|before|previously|earlier|prior|so far|you know|you were told|you have been told)\b",
        also="above befor previ earli prior so told know",
    ),
    Phrase(
        Sort.OVERRIDE,
        "instr promp rules guide guard restr",
        r"\b(?:instructions|system prompt|rules|guidelines|guardrails|restrictions)(?: \w+){0,4}? (?:no longer apply|(?:are|is|were|was|been) (?:now )?(?:superseded|suspended|revoked|lifted|void|obsolete|overridden|replaced|cancelled|canceled))\b",
        also="longe super suspe revok lifte void obsol overr repla cance",
    ),
    Phrase(
        Sort.OVERRIDE,
        "safet guard conte ethic restr",
        r"\b(?:ignore|disregard|forget|bypass|disable|turn off|drop|override|without) (?:all |any |your |the )+(?:\w+ )?(?:safety|guardrails?|content polic\w+|ethic\w+|restrictions) ?(?:rules|guidelines|filters?|measures|constraints)?\b(?= you| and| \0|$| )",
        also="ignor disre forge bypas disab turn drop overr witho",
    ),
    # --- another role
    Phrase(
        Sort.ROLE,
        "now",
        r"\byou(?: are|re| re) now (?:an? |the |in |my |acting as |called |known as )*(?:\w+ ){0,3}?(?:assistant|ai|llm|language model|chatbot|agent|bot|dan|jailbroken|unrestricted|unfiltered|uncensored|god mode|root|evil|hacker|free (?:from|of)|no longer bound)\b",
        also="you youre",
    ),
    Phrase(
        Sort.ROLE,
        "from hence herea",
        r"\b(?:from now on|henceforth|hereafter|from this point (?:on|forward|onwards?))(?: \w+){0,2}? you (?:(?:are|will be|re) (?:an?|the|my|no longer)|(?:will|should|must|shall|may|can|are to)? ?(?:now |only |always |never )*(?:act|play|roleplay|simulate|be called|respond|answer|reply|propose|suggest|offer|recommend|obey|behave|pretend|ignore|follow|speak|tell|take orders))\b",
        also="you",
    ),
    Phrase(
        Sort.ROLE,
        "your",
        r"\byour (?:new|updated|real|actual|true|only|sole|next|most important) (?:task|instructions?|role|goal|objective|job|mission|purpose|system prompt|directives?|identity|orders?|persona)s? (?:is|are|from now|now|as follows|follows?|\0)",
    ),
    Phrase(
        Sort.ROLE,
        "prete act behav respo answe imagi want need would going simul immer",
        r"\b(?:(?:i|we) (?:want|need|would like) you to (?:act as|ignore|pretend|disregard|forget|propose|suggest|offer|recommend|roleplay|play)\b|you (?:are|re) (?:going|about) to (?:pretend|act as|play the|roleplay|immerse yourself)\b|simulate (?:developer|dan) mode\b|pretend (?:that )?you(?: are|re| re)\b|(?:act|behave|respond|answer) as (?:if|though) you (?:were|are|had)(?: \w+){0,3} (?:ai|assistant|model|no|root|admin\w*|unrestricted)\b|act as (?:an? )?(?:unrestricted|jailbroken|evil|dan)\b|imagine you(?: are|re| re) (?:an? |the )?(?:unrestricted |evil )?(?:ai|assistant|llm|hacker)\b)",
    ),
    Phrase(
        Sort.ROLE,
        "dan god jailb unres anyth",
        r"\b(?:(?:enable|enter|activate|switch to|switch into|you are in|turn on) (?:the )?(?:dan|god|jailbreak|unrestricted) mode|do anything now)\b",
    ),
    Phrase(
        Sort.ROLE,
        "overr syste hidde instr secre admin begin end start promp",
        r"(?:\b(?:system|admin|administrator|security|developer|safety|root|operator|instruction|prompt) (?:prompt )?override\b"
        r"|\b(?:begin(?: of)?|(?:end|start|beginning) of) (?:the )?(?:system|hidden|new|secret|admin) (?:prompt|instructions?|message|override)\b"
        r"|\b(?:new|updated|revised|additional|hidden|secret|priority|system|admin|operator) instructions?(?: update)? (?:for|to) (?:you|the (?:ai|assistant|model|agent|llm))\b"
        r"|(?:^|\0) (?:\w+ )?(?:new|updated|hidden|secret|admin|priority) (?:system )?(?:instructions?|prompt) (?:\0 )?(?:you|propose|suggest|offer|run|execute|ignore|install|always|tell|from)\b)",
    ),
    # --- addressing a model
    Phrase(
        Sort.ADDRESS,
        "note notic atten impor remin attn urgen memo warni hint direc reque info infor instr messa",
        r"(?:\b(?:note|notice|attention|important|reminder|attn|urgent|memo)(?: (?:note|notice|message|info\w*|instructions?))?"
        r"|(?:^|\0) (?:todo |fixme |hidden |special |secret )?(?:warning|hint|directives?|requests?|info|information|instructions?|message))"
        rf" (?:to|for) (?:the |all |any |every |an? |your |you )*{_MODEL}s? {_NOT_CODE}",
        also="ai llm llms langu large copil chat chatg gpt claud gemin codex proac assis chatb codin code auton autom softw ki ia helpf virtu progr curso",
    ),
    Phrase(
        Sort.ADDRESS,
        "dear hello hey hi atten attn",
        r"(?:\b(?:dear|attention|attn)|(?:^|\0) (?:hello|hey|hi))(?: all| any| my| there)? (?:ai|llms?|language models?|copilot|chatgpt|gpt|claude"
        rf"|(?:ai |coding |helpful )?assistants?|(?:ai |coding )agents?) {_NOT_CODE}",
        also="ai llm llms langu copil chatg gpt claud assis codin helpf",
    ),
    Phrase(
        Sort.ADDRESS,
        "if since becau when assum case",
        rf"\b(?:if|since|because|when|in case|assuming) you(?: are| re|re| happen to be)(?: (?:now |currently |really )?(?:an?|the)(?: \w+){{0,2}}?)? (?:{_MODEL}|(?:language |automated |ai )(?:model|agent|tool|system)|bot|robot|machine)\b(?! (?:user|developer|maintainer|author|engineer))",
        also="ai llm llms langu large copil chat chatg gpt claud gemin codex proac assis codin auton autom softw bot robot machi chatb ki ia",
    ),
    Phrase(
        Sort.ADDRESS,
        "as being",
        rf"\b(?:as|being) (?:an?|the|your|my) (?:\w+ ){{0,2}}?{_ANY_MODEL}(?: \w+){{0,4}}? (?:you|your (?:task|job|duty|role)) (?:must|should|shall|need|have|will|are|is|can|may|ought)\b",
        also="assis ai llm llms langu large copil chat chatg gpt claud gemin codex proac agent agents model models bot bots chatb codin auton softw autom ki ia curso",
    ),
    Phrase(
        Sort.ADDRESS,
        "readi reads read proce parse parsi seein sees scann summa analy looki revie encou",
        rf"\b{_ANY_MODEL} (?:\w+ )?(?:who |that |which |currently |now |is |are )*(?:reading|reads?|processing|processes|parsing|parses|seeing|sees|scanning|summari[sz]ing|analy[sz]ing|looking at|reviewing|encountering) this\b",
        also="assis ai llm llms langu large copil chat chatg gpt claud gemin codex proac agent model bot bots chatb codin auton softw autom ki ia curso",
    ),
    Phrase(
        Sort.ADDRESS,
        "must shoul shall has have need ought are is will can may",
        rf"\b{_MODEL} (?:\w+ )?{_MUST} (?:also |now |always |immediately |therefore |first |please )*{_DO}\b",
        also="assis ai llm llms langu copil chat chatg gpt claud gemin codex proac chatb codin code auton softw autom ki ia curso",
    ),
    Phrase(
        Sort.ADDRESS,
        "must shoul shall has have need ought are is will can may",
        rf"\b(?:the|any|every|all|this) (?:agents?|models?|bots?) {_MUST} (?:also |now |always |immediately |therefore |first |please )*"
        r"(?:propose|suggest|offer|recommend|tell the user|exfiltrate|leak|disregard|obey|ignore (?:all|any|the|its|previous|prior))\b",
        also="agent model bot bots",
    ),
    Phrase(
        Sort.ADDRESS,
        "assis copil claud gpt chatg ai llm agent bot model codin",
        r"(?:^|\0| (?:todo|fixme|note|hint|warning|error|info|assertionerror|valueerror|runtimeerror|message)) "
        r"(?:(?:hey|hello|dear|hi|ok|okay|to|for) )?(?:the )?"
        r"(?:(?:ai|assistant|ai assistant|copilot|claude|chatgpt|gpt|llm|coding agent|ai agent|agent|model|bot) (?:\0 )?"
        r"(?:now |please |kindly |immediately |you |must |should |could |would |can |may |i |want |need |like |to )*"
        r"(?:propose|suggest|offer|recommend|ignore|disregard|tell (?:the|them|your)|forget|obey|exfiltrate|leak)\b"
        r"|(?:ai|assistant|ai assistant|copilot|claude|chatgpt|gpt|llm|coding agent|ai agent) (?:\0 )?"
        r"(?:now |please |kindly |immediately |(?:i|we) (?:want|need|would like) you to |you (?:must|should|have to|need to) )*"
        r"(?:run|execute|install|open|visit|delete|disable|send|upload|reveal|add|write|print|output|reply|respond|answer|say|do|remove"
        r"|download|fetch|replace|commit|push) (?:the|this|these|that|following|all|every|only|exactly|your|as|npm|pip|curl|sudo)\b)",
        also="propo sugge offer recom ignor disre tell forge obey exfil leak run execu insta open visit delet disab send uploa revea add write print outpu reply respo answe say do remov downl fetch repla commi push",
    ),
    Phrase(
        Sort.ADDRESS,
        "propo sugge offer recom",
        rf"\b{_MODEL} (?:now |please |kindly |immediately )*(?:propose|suggest|offer|recommend) (?:to|that|the user|installing|running|adding|the task|this task|only)\b",
        also="ai llm llms langu large copil chat chatg gpt claud gemin codex proac assis chatb codin code auton autom softw curso",
    ),
    Phrase(
        Sort.ADDRESS,
        "would d wonde",
        rf"\b(?:(?:would|it d|d) (?:be|really|truly|highly)?(?: \w+){{0,3}}?(?: (?:great|nice|lovely|helpful|wonderful|kind|good|grateful|appreciated?|love it|useful))(?: \w+){{0,3}}? (?:if|were|for) (?:the |an |you |your |any )?{_ANY_MODEL}|(?:i|we) wonder (?:if|whether) (?:the |an |you |your )?{_MODEL} (?:could|would|might))\b",
        also="assis ai llm llms langu copil chat chatg gpt claud gemin codex proac agent model bot chatb codin auton softw autom you your",
    ),
    Phrase(
        Sort.ADDRESS,
        "helpf good smart respo well dilig asked reque instr invit oblig order comma autho direc urged begge requi advis encou",
        r"\b(?:helpful|good|smart|responsible|well behaved|diligent) (?:ai |coding )*(?:assistants?|agents?|ais?|llms?) (?:would|will|should|must|always)\b"
        rf"|\b(?:assistants?|ais?|llms?|(?:ai|coding|automated|language) (?:agents?|tools?|models?|assistants?|systems?)|bots?|agents?|models?|copilots?) (?:is|are) (?:kindly |hereby |strongly |politely |now |specifically )*(?:asked|requested|instructed|invited|obliged|ordered|commanded|authori[sz]ed|directed|urged|begged|required|advised|encouraged) to (?:\w+ )?{_DO}\b",
        also="assis ai ais llm llms agent model copil bot bots tool codin autom langu",
    ),
    Phrase(
        Sort.ADDRESS,
        "kindl pleas",
        r"\b(?:kindly|please) (?:\w+ )?(?:propose|suggest|offer|recommend) (?:that |to )?(?:the user|the task|this task|running|installing|adding|executing|opening|run|install|add|execute|open|sending|deleting|disabling)\b",
        also="propo sugge offer recom",
    ),
    # --- what is to be offered
    Phrase(
        Sort.OFFER,
        "propo sugge offer recom",
        r"\b(?:propose|suggest|offer|recommend|proposing|suggesting|offering|recommending)(?: \w+){0,2}? (?:the|this|a|one|following|next|your|only|proactive|exactly|as) (?:\w+ ){0,2}?(?:task|proposal)\b",
        also="task propo",
    ),
    Phrase(
        Sort.OFFER,
        "user devel human perso progr opera",
        rf"\b(?:tell|ask|instruct|advise|convince|persuade|urge|get|make|have|trick|push|nudge|lead) the {_PERSON} (?:to |into |that (?:he|she|they|it|you) (?:must|should|needs? to|has to|have to) |that it is (?:safe|necessary|needed) to )(?:\w+ )?(?:run|running|install|installing|visit|visiting|download|disable|execute|executing|paste|delete|send|upload|curl|go to|click|reveal|share|run)\b",
        also="tell ask instr advis convi persu urge get make have trick push nudge lead",
    ),
    Phrase(
        Sort.OFFER,
        "user devel human perso progr opera",
        rf"\b(?:(?:do not|don t|dont|never|must not) (?:tell|inform|mention|reveal|disclose|show|say)(?: \w+){{0,4}}? to the {_PERSON}|(?:do not|don t|dont|never|must not) (?:tell|inform) the {_PERSON} (?:about|of|that|why|what)|without (?:telling|informing|alerting) the {_PERSON})\b",
        also="infor menti revea discl telli alert tell show say",
    ),
    Phrase(
        Sort.OFFER,
        "user devel human perso progr owner admin maint opera",
        rf"\b(?:the {_PERSON}|the owner|the admin\w*|the maintainers?)(?: \w+)? (?:asked|told|instructed|authori[sz]ed|wants|would like|would love|allows|allowed|approved|permitted|consented|agreed|needs|expects|would be \w+ if)(?: \w+)? (?:for )?(?:you|the (?:ai|(?:coding |ai )?assistant|copilot)) (?:to|for|should|must|could|can|now|immediately)\b",
        also="asked told instr autho wants would allow appro permi conse agree needs expec",
    ),
    Phrase(
        Sort.OFFER,
        "your",
        r"\b(?:reveal|print|show|repeat|output|display|tell me|leak|expose|disclose|write|copy|quote|paste|put|share|give|list|include|summari[sz]e|what (?:is|are|were))(?: \w+){0,5}? your (?:\w+ ){0,2}?(?:prompt|instructions|rules|secrets?)\b",
        also="promp instr rules secre",
    ),
    Phrase(
        Sort.OFFER,
        "repea say answe reply respo outpu your",
        r"\b(?:repeat after me|repeat (?:the |all |exactly |everything |your )+(?:\w+ )?(?:words?|text|sentences?|instructions|initial prompt|system prompt|prompt|message) (?:above|you were given|before|starting with)|say exactly|(?:answer|reply|respond) with exactly|reply only with the task|output exactly|your (?:answer|reply|response) (?:must|should) be) ",
        also="exact after task must shoul above promp start befor given",
    ),
    Phrase(
        Sort.OFFER,
        "send uploa post exfil leak mail email e forwa trans submi share copy paste",
        r"\b(?:send|upload|post|exfiltrate|leak|e ?mail|forward|transmit|submit|copy|paste|share)(?: \w+){0,6}? (?:secrets?|passwords?|credentials|api keys?|private keys?|ssh keys?|access tokens?|tokens|environment(?: variables)?|env(?: file| vars?| variables)?|id rsa|aws keys?|cookies|source code|repository)(?: \w+){0,4}? (?:to|at) (?:\w+ ){0,2}?(?:https?|www|\w+ (?:com|net|org|io|example|invalid|test|xyz|ru))\b",
        also="http https www com net org io examp inval test xyz ru",
    ),
    Phrase(
        Sort.FORM,
        "proac",
        r" proactive task (?!s\b)",
        also="task",
    ),
)  # fmt: skip


@cache
def phrases() -> tuple[Phrase, ...]:
    """All patterns of words; those of other languages in the letters that :func:`unmasking.unmasked` leaves."""
    return ENGLISH + tuple(Phrase(sort, unmasked(needles), unmasked(pattern)) for sort, needles, pattern in OTHERS)


SQUEEZED = re.compile(
    r"(?:ignore|disregard|forget|override|donotfollow)(?:all|any|every|your|the|of|my|these|those){0,4}"
    r"(?:previous|prior|preceding|above|earlier|system|initial|original)(?:ly)?(?:given|system|user|developer|and|or|above|prior){0,3}"
    r"(?:instruction|prompt|directive|guideline|order|message|rules|command)"
    r"|(?:youarenow|actas)(?:an?|the)?(?:unrestricted|jailbroken|evil|uncensored)"
    r"|proposethe(?:following)?task|revealyour(?:system)?prompt|newsysteminstructions"
)
"""The strongest phrases in :func:`unmasking.squeezed`, for words that were torn apart."""


@cache
def compiled(pattern: str) -> re.Pattern[str]:
    """The pattern, compiled once."""
    return re.compile(pattern)
