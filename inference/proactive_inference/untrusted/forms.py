"""Forms that are imitated (turns of a conversation, tool calls, our own answers), and commands that nobody needs to read."""

# A pattern is easier to check in one piece, and a list of words as a paragraph.
# ruff: noqa: E501, SIM905

from __future__ import annotations

FORMS = (
    # the marks by which chat templates begin a turn
    (("<|", "<｜"), r"<[|｜] ?(?:im_start|start_header_id|start_of_role|channel) ?[|｜]>\s{0,3}(?:system|user|assistant|tool|developer|analysis|final|model)\b|<[|｜] ?(?i:system|user|assistant|tool_?\w{0,12}|message|end|im_end|eot_id|endoftext|end_of_text) ?[|｜]>\s{0,3}[A-Za-z]{2,}[ ,][A-Za-z]"),
    (("[INST]", "[/INST]", "<<SYS>>", "<</SYS>>", "[SYSTEM", "[AVAILABLE_TOOLS]", "[TOOL_CALLS]"), r"(?:\[/?INST\]|<</?SYS>>|\[/?(?:SYSTEM_PROMPT|AVAILABLE_TOOLS|TOOL_CALLS)\])\s{0,3}[A-Za-z]{2,}[ ,][A-Za-z]"),
    (("_of_turn>", "</s>"), r"<start_of_turn>\s{0,3}(?:model|user|system)\b|</s>\s{0,4}(?:<s>|\[|user|system|assistant)"),
    (("<system", "</system", "<assistant", "</assistant", "tool_call", "function_call", "tool_response", "<invoke", "<instructions", "<admin",
      "<user_query", "<important", "<IMPORTANT", "<SYSTEM", "</user", "<hidden", "<secret"),
     r"</?(?i:system|assistant|tool_calls?|tool_response|function_calls?|invoke|system[_-]?(?:prompt|message|reminder|instructions?)|instructions?|user_query|important|admin|hidden|secret_instructions?)(?: [^<>]{0,80})?>"),
    (("###",), r"###? ?(?i:instructions?|system|response|human|assistant|user)\s{0,3}(?::|\n)(?!\s{0,3}#)"),
    (("ssistant:", "SSISTANT:", "ssistant\":", "AI:"), r"(?i:\b(?:human|user|system))\s{0,3}\"?:(?:(?!\n\n)[^{}]){1,300}?\b(?i:assistant|ai)\s{0,3}\"?:"),
    # our own questions and answers
    (("roactive",), r"(?i:proactive[ _-]?task)\\?[\"'`*]{0,3}\s{0,3}[:=]"),
    (("udgement", "UDGEMENT"), r"(?i:\"judgement\\?\"\s{0,4}:\s{0,4}\\?\"(?:accepted|rejected))"),
    (("bservations", "houghts"), r"(?i:\\?\"observations\\?\"\s{0,4}:\s{0,4}\[|\\?\"thoughts\\?\"\s{0,4}:\s{0,4}\\?\")"),
)  # fmt: skip
"""Imitated forms, each with texts of which one is in every match; searched in the text, not in its words."""

SHELL = (
    (("curl", "wget", "iwr", "irm", "fetch", "Invoke", "invoke"),
     r"\b(?i:curl|wget|fetch|iwr|irm|invoke-webrequest|invoke-restmethod)\b[^\n|;&]{0,300}\|\s{0,4}(?:sudo\s{1,4})?(?:env\s{1,4})?(?:/\S{1,30}/)?(?:(?:ba|z|da|k|fi|a)?sh|python[\d.]*|perl|ruby|node|php|iex|pwsh|powershell)\b"),
    (("curl", "wget"), r"\b(?:(?:ba|z|da)?sh|source|eval|python3?|\.)\s{1,4}(?:-c\s{1,4})?[\"']?(?:\$\(|<\(|`)\s{0,4}(?:curl|wget)\b"),
    (("curl", "wget"), r"\b(?:curl|wget)\b[^\n]{0,200}(?:&&|;)\s{0,4}(?:sudo\s{1,4})?(?:(?:ba|z)?sh|chmod\s{1,4}\+x|python3?|\./)"),
    (("base64",), r"\bbase64\s{1,4}(?:-d|-D|--decode)\b[^\n|]{0,80}\|\s{0,4}(?:sudo\s{1,4})?(?:(?:ba|z|da)?sh|python3?)\b"),
    (("rm -", "rm  -"), r"\brm\s{1,4}(?:-[a-zA-Z-]{1,20}\s{1,4}){0,3}-(?:[a-zA-Z]{0,8}[rR][a-zA-Z]{0,8}f|[a-zA-Z]{0,8}f[a-zA-Z]{0,8}[rR])[a-zA-Z]{0,8}\s{1,4}(?:--\s{1,4}|--no-preserve-root\s{1,4})?[\"']?(?:/(?:\s|\*|$)|/(?:home|etc|usr)\b|~|\$HOME|\*)"),
    (("powershell", "pwsh"), r"\b(?:powershell|pwsh)(?:\.exe)?\b[^\n]{0,80}\s-e(?:nc|ncodedcommand|c)?\s"),
    (("/dev/tcp/", "nc -", "ncat "), r"/dev/tcp/\S|\bnc(?:at)?\s{1,4}(?:-\w{1,8}\s{1,4}){0,4}-\w{0,6}[ec]\b"),
    (("env", "id_rsa", ".ssh", ".aws", ".netrc"), r"\b(?:printenv|env|cat\s{1,4}\S{0,40}(?:id_rsa|\.env|\.aws/credentials|\.netrc|\.ssh/)\S{0,40})\s{0,4}\|\s{0,4}(?:base64[^\n|]{0,20}\|\s{0,4})?(?:curl|wget|nc)\b"),
    (("-d @", "--data", "-F ", "-T ", "--upload-file"), r"\bcurl\b[^\n]{0,200}(?:-d\s{0,2}|--data(?:-binary|-raw)?[ =]|-F\s{0,2}\S{0,20}=|-T\s{0,2}|--upload-file[ =])[\"']?@?\$?\(?(?:cat\s)?\S{0,60}(?:\.env|id_rsa|\.aws|\.netrc|\.ssh|credentials|printenv|\$\(env)"),
)  # fmt: skip
"""Commands that nobody needs to be told of: they run what they fetch, delete all, or send secrets."""

SHELL_WORDS = frozenset(
    "curl wget iwr irm fetch invoke base64 rm powershell pwsh dev nc ncat env printenv".split()
)
"""One of these is in each of them."""
