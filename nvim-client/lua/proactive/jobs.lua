-- Which command a terminal was opened for.

local M = {}

---@param words string
---@return table<string, boolean>
local function names(words)
  local set = {} ---@type table<string, boolean>
  for word in words:gmatch('%S+') do
    set[word] = true
  end
  return set
end

---Programs that take up the whole screen and whose end says nothing about the work.
local FULL_SCREEN = names('fzf sk lazygit gitui tig lazydocker htop top btop less man vi vim nvim yazi lf nnn ssh tmux')
local SHELLS = names('sh bash dash zsh fish ksh csh tcsh nu elvish xonsh pwsh')

---The command that a terminal was opened for; nil for a shell to type in, and for what takes up the whole screen.
---@param argv string[]
---@return string?
function M.command(argv)
  local command ---@type string
  if SHELLS[vim.fs.basename(argv[1] or '')] and #argv >= 3 and argv[#argv - 1]:find('^%-%a*c$') then
    command = argv[#argv]
  else
    local words = vim.tbl_map(function(word)
      return word:find('^[%w%._/=:,@+-]+$') and word or vim.fn.shellescape(word)
    end, argv)
    command = table.concat(words, ' ')
  end
  local words = vim.split(vim.trim(command), '%s+')
  local first = vim.fs.basename(words[1])
  local only_flags = not words[2] or words[#words]:find('^%-') ~= nil
  if command == '' or FULL_SCREEN[first] or (SHELLS[first] and only_flags) then
    return nil
  end
  return command
end

return M
