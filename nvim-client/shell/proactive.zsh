# Zsh in a terminal of Neovim: tells the editor where a prompt, a command and its output begin and end (OSC 133),
# and the folder (OSC 7). In ~/.zshrc, after all that sets the prompt:
#
#     [ -n "$PROACTIVE_NVIM_SHELL" ] && . "$PROACTIVE_NVIM_SHELL/proactive.zsh"
#
# Elsewhere than in a terminal of Neovim it does nothing.

if [[ -n ${NVIM-} && -o interactive && -z ${__proactive_on-} ]]; then
    typeset -g __proactive_on=1 __proactive_ran=

    __proactive_encoded() {
        emulate -L zsh
        local LC_ALL=C out= char
        local -i i
        for ((i = 1; i <= ${#1}; i++)); do
            char=${1[i]}
            [[ $char == [a-zA-Z0-9/._~-] ]] || printf -v char '%%%02X' $((#char & 255))
            out+=$char
        done
        print -rn -- "$out"
    }

    __proactive_started() {
        __proactive_ran=1
        if ((${#1} < 2000)); then
            printf '\e]133;C;cmdline_url=%s\a' "$(__proactive_encoded "$1")"
        else
            printf '\e]133;C\a'
        fi
    }

    __proactive_prompt() {
        local code=$?
        printf '\e]7;file://%s%s\a' "$HOST" "$(__proactive_encoded "$PWD")"
        [[ -n $__proactive_ran ]] && printf '\e]133;D;%s\a' "$code"
        __proactive_ran=
        # A prompt that is made anew each time loses its marks each time.
        [[ $PS1 == *'133;B'* ]] || PS1=$'%{\e]133;A\a%}'$PS1$'%{\e]133;B\a%}'
    }

    preexec_functions+=(__proactive_started)
    precmd_functions=(__proactive_prompt $precmd_functions)
fi
