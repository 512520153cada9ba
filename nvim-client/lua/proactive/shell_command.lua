-- A suggestion that is a shell command: shown, and put at a terminal's prompt if one says so, where one's own Enter
-- runs it.

local clients = require('proactive.clients')
local messages = require('proactive.messages')
local text = require('proactive.text')

local M = {}

local MOST = 1000 -- bytes
---Milliseconds that a shell has for its first prompt, and that a prompt has to be whole.
local FIRST_PROMPT = 3000
local SETTLE = 100

local TERMINAL, COPY = 'Put it at the prompt of a terminal', 'Copy it'

---Whether a command may be put at a prompt: one line without a character that a terminal would act on or hide.
---@param command string
---@return boolean
function M.is_typeable(command)
  local separators = command:find('\226\128[\168\169]') -- U+2028 and U+2029
  return vim.trim(command) ~= '' and #command <= MOST and not separators and vim.fn.strtrans(command) == command
end

---Calls once a terminal shows something, or after a while.
---@param buf integer
---@param act fun()
local function at_prompt(buf, act)
  local seen = false
  local function ready()
    if not seen then
      seen = true
      vim.defer_fn(act, SETTLE)
    end
  end
  vim.api.nvim_buf_attach(buf, false, {
    on_lines = function()
      if table.concat(vim.api.nvim_buf_get_lines(buf, 0, -1, false)):find('%S') then
        ready()
      end
      return seen
    end,
  })
  vim.defer_fn(ready, FIRST_PROMPT)
end

---In a terminal of its own, since in another something may be running that would take the text for input. It is left in
---normal mode, so that an Enter too many does nothing.
---@param folder string
---@param command string
local function put_into_terminal(folder, command)
  vim.cmd('belowright split')
  vim.cmd.lcd(vim.fn.fnameescape(folder))
  vim.cmd.terminal()
  local buf = vim.api.nvim_get_current_buf()
  at_prompt(buf, function()
    if vim.api.nvim_buf_is_valid(buf) then
      vim.api.nvim_chan_send(vim.bo[buf].channel, command)
      messages.say("it is not run yet: 'i' and Enter run it")
    end
  end)
end

---@param command string
local function copy(command)
  vim.fn.setreg('"', command)
  if vim.fn.has('clipboard') == 1 then
    vim.fn.setreg('+', command)
  end
end

---@param client vim.lsp.Client
---@param suggestion proactive.Suggestion
---@param command string
local function ask(client, suggestion, command)
  local choices = M.is_typeable(command) and { TERMINAL, COPY } or { COPY }
  local prompt = text.one_line(('%s: %s'):format(suggestion.title, command))
  vim.ui.select(choices, { prompt = prompt, kind = 'proactive' }, function(chosen)
    if not chosen then
      return
    elseif chosen == COPY then
      copy(command)
    else
      put_into_terminal(client.root_dir or vim.fs.dirname(vim.uri_to_fname(suggestion.uri)), command)
    end
    clients.execute(client, 'proactive.accepted', { id = suggestion.id })
  end)
end

---The handler of `proactive/offerCommand`. What was written while one types on waits for normal mode.
---@param suggestion proactive.Suggestion
---@param ctx lsp.HandlerContext
function M.offered(suggestion, ctx)
  local client = vim.lsp.get_client_by_id(ctx.client_id)
  local command = suggestion.command
  if not client or not command then
    return
  end
  local function act()
    ask(client, suggestion, command)
  end
  if vim.list_contains({ 'n', 'nt' }, vim.api.nvim_get_mode().mode) then
    vim.schedule(act)
  else
    vim.api.nvim_create_autocmd('ModeChanged', { pattern = '*:n', once = true, callback = vim.schedule_wrap(act) })
  end
end

return M
