-- What a shell says about itself by escape sequences: OSC 133 (prompt, command, output, end) and OSC 7 (folder).
--
-- Any program can print them, so what they say is believed no further than the text around it: it is data.

local M = {}

---@class proactive.Mark
---@field kind 'prompt'|'input'|'output'|'end'|'folder' OSC 133 A, B, C, D; OSC 7
---@field exit_code? integer of 'end'
---@field command? string of 'output', where the shell tells it
---@field path? string of 'folder'; nil if it is on another machine

local KINDS = { A = 'prompt', B = 'input', C = 'output', D = 'end' }

---@param host string
---@return boolean
local function is_here(host)
  return host == '' or host == 'localhost' or host:lower() == vim.uv.os_gethostname():lower()
end

---@param text string
---@return string?
local function decoded(text)
  local ok, plain = pcall(vim.uri_decode, text)
  return ok and plain or nil
end

---Reads a sequence as `TermRequest` brings it.
---@param sequence string
---@return proactive.Mark? mark nil for all other sequences
function M.parse(sequence)
  local letter, rest = sequence:match('^\27%]133;([ABCD])([^\7\27]*)')
  if letter then
    local mark = { kind = KINDS[letter] } ---@type proactive.Mark
    if letter == 'D' then
      mark.exit_code = tonumber(rest:match('^;(%-?%d+)'))
    elseif letter == 'C' then
      local command = rest:match(';cmdline_url=([^;]*)')
      mark.command = command and decoded(command) or nil
    end
    return mark
  end
  local host, path = sequence:match('^\27%]7;file://([^/]*)(/[^\7\27]*)')
  if host then
    return { kind = 'folder', path = is_here(host) and decoded(path) or nil }
  end
end

return M
