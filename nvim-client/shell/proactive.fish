# Fish in a terminal of Neovim: tells the editor where a command and its output begin and end (OSC 133), and the
# folder (OSC 7). In ~/.config/fish/config.fish:
#
#     test -n "$PROACTIVE_NVIM_SHELL"; and source "$PROACTIVE_NVIM_SHELL/proactive.fish"
#
# Elsewhere than in a terminal of Neovim it does nothing. Fish 4 says all this by itself and does not need it.

if status is-interactive; and set -q NVIM; and test (string split . -- $version)[1] -lt 4; and not set -q __proactive_on
    set -g __proactive_on 1

    function __proactive_started --on-event fish_preexec
        printf '\e]133;C;cmdline_url=%s\a' (string escape --style=url -- (string join \n -- $argv))
    end

    function __proactive_ended --on-event fish_postexec
        printf '\e]133;D;%s\a' $status
    end

    function __proactive_prompt --on-event fish_prompt
        printf '\e]7;file://%s%s\a' $hostname (string escape --style=url -- $PWD)
    end
end
