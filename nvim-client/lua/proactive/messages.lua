-- How the server's words and edits reach the screen: no toast, no question, no wait for a key.

local text = require('proactive.text')

local M = {}

---Shows a sentence in the message line, cut so that Neovim never asks for a key; `:messages` has all of it.
---@param sentence string
---@param highlight? string
function M.say(sentence, highlight)
  local line = vim.fn.string('proactive: ' .. text.one_line(sentence))
  local before = vim.o.shortmess
  vim.opt.shortmess:append('T')
  vim.cmd(('echohl %s | echomsg %s | echohl None'):format(highlight or 'None', line))
  vim.o.shortmess = before
end

---The handler of `window/showMessage`. An information is always the answer to something that the user asked.
---@param message lsp.ShowMessageParams
---@param ctx lsp.HandlerContext
function M.show(message, ctx)
  vim.schedule(function()
    local lines = vim.split(vim.trim(message.message), '\n')
    local client = vim.lsp.get_client_by_id(ctx.client_id)
    if message.type < vim.lsp.protocol.MessageType.Info then
      M.say(message.message, 'WarningMsg')
    elseif client and (#lines > 1 or vim.api.nvim_strwidth(lines[1]) > vim.v.echospace - 12) then
      require('proactive.float').open('proactive', lines)
    else
      M.say(message.message)
    end
  end)
end

---Whether an edit was made for another text than the one that is there now.
---@param edit lsp.WorkspaceEdit
---@return boolean
local function outdated(edit)
  for _, change in ipairs(edit.documentChanges or {}) do
    local document = change.textDocument
    local version = document and document.version
    if type(version) == 'number' and vim.lsp.util.buf_versions[vim.uri_to_bufnr(document.uri)] > version then
      return true
    end
  end
  return false
end

---The handler of `workspace/applyEdit`: Neovim's own, but all or nothing, and with a word about files out of sight.
---@param err lsp.ResponseError?
---@param params lsp.ApplyWorkspaceEditParams
---@param ctx lsp.HandlerContext
---@return lsp.ApplyWorkspaceEditResult
function M.apply(err, params, ctx)
  if outdated(params.edit) then
    M.say('The text has changed in the meantime; nothing was applied.', 'WarningMsg')
    return { applied = false, failureReason = 'the text has changed' }
  end
  local label = params.label
  params.label = nil -- or Neovim would print it, and ask for a key if it were long
  local answer = vim.lsp.handlers['workspace/applyEdit'](err, params, ctx)
  local files = {} ---@type table<string, boolean>
  for _, change in ipairs(params.edit.documentChanges or {}) do
    if change.textDocument then
      files[change.textDocument.uri] = true
    end
  end
  for uri in pairs(params.edit.changes or {}) do
    files[uri] = true
  end
  local count = vim.tbl_count(files)
  if not answer.applied then
    M.say(('That could not be applied: %s'):format(tostring(answer.failureReason)), 'WarningMsg')
  elseif count > 1 then
    M.say(('%s, in %d files; :wall writes them.'):format(label or 'Applied', count))
  end
  return answer
end

return M
