# Bash in a terminal of Neovim: tells the editor where a prompt, a command and its output begin and end (OSC 133),
# and the folder (OSC 7). In ~/.bashrc, after all that sets the prompt:
#
#     [ -n "$PROACTIVE_NVIM_SHELL" ] && . "$PROACTIVE_NVIM_SHELL/proactive.bash"
#
# Needs bash 4.4 or newer. Elsewhere than in a terminal of Neovim it does nothing.

if [[ -n ${NVIM-} && $- == *i* && -z ${__proactive_on-} ]] && ((BASH_VERSINFO[0] * 100 + BASH_VERSINFO[1] >= 404)); then
    __proactive_on=1
    __proactive_ran=
    __proactive_none=
    __proactive_number=

    __proactive_encoded() {
        local LC_ALL=C text=$1 out= char code i
        for ((i = 0; i < ${#text}; i++)); do
            char=${text:i:1}
            case $char in
            [a-zA-Z0-9/._~-]) out+=$char ;;
            *)
                printf -v code %d "'$char"
                printf -v char '%%%02X' $((code & 255))
                out+=$char
                ;;
            esac
        done
        printf %s "$out"
    }

    # The command line comes from the history, unless it was kept out of it: then the editor reads it off the screen.
    __proactive_started() {
        local entry number
        entry=$(HISTTIMEFORMAT= builtin history 1)
        entry=${entry#"${entry%%[![:space:]]*}"}
        number=${entry%%[!0-9]*}
        if [[ -n $number && $number != "$__proactive_number" && ${#entry} -lt 2000 ]]; then
            entry=${entry#"$number"}
            entry=${entry#[* ]}
            printf '\e]133;C;cmdline_url=%s\a' "$(__proactive_encoded "${entry#"${entry%%[![:space:]]*}"}")"
        else
            printf '\e]133;C\a'
        fi
    }

    __proactive_prompt() {
        local status=$?
        printf '\e]7;file://%s%s\a' "$HOSTNAME" "$(__proactive_encoded "$PWD")"
        [[ -n $__proactive_ran ]] && printf '\e]133;D;%s\a' "$status"
        __proactive_ran=
        __proactive_number=$(HISTTIMEFORMAT= builtin history 1)
        __proactive_number=${__proactive_number#"${__proactive_number%%[![:space:]]*}"}
        __proactive_number=${__proactive_number%%[!0-9]*}
        # A prompt that is made anew each time loses its marks each time.
        [[ $PS1 == *'133;B'* ]] || PS1='\[\e]133;A\a\]'$PS1'\[\e]133;B\a\]'
        return "$status"
    }

    # What stands in braces expands to nothing, and notes on the way that a command has begun.
    PS0='$(__proactive_started)${__proactive_none:$((__proactive_ran=1)):0}'${PS0-}
    if [[ ${PROMPT_COMMAND@a} == *a* ]]; then
        PROMPT_COMMAND=("__proactive_prompt" "${PROMPT_COMMAND[@]}")
    else
        PROMPT_COMMAND="__proactive_prompt${PROMPT_COMMAND:+; $PROMPT_COMMAND}"
    fi
fi
