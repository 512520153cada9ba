-- The suggestions that wait, and where they are by now.

local clients = require('proactive.clients')
local status = require('proactive.status')
local text = require('proactive.text')

local M = {}

---@class proactive.Waiting
---@field client vim.lsp.Client
---@field suggestion proactive.Suggestion
---@field buf integer? the buffer, if the file is open
---@field line integer from zero

---The line of a suggestion's hint, which follows the edits above it; else the line it was offered for.
---@param client vim.lsp.Client
---@param suggestion proactive.Suggestion
---@return integer? buf
---@return integer line
local function spot_of(client, suggestion)
  local namespace = vim.lsp.diagnostic.get_namespace(client.id)
  local buf = vim.iter(vim.api.nvim_list_bufs()):find(function(one)
    return vim.api.nvim_buf_is_loaded(one) and vim.uri_from_bufnr(one) == suggestion.uri
  end)
  for _, hint in ipairs(buf and vim.diagnostic.get(buf, { namespace = namespace }) or {}) do
    if vim.tbl_get(hint, 'user_data', 'lsp', 'data', 'id') == suggestion.id then
      return buf, hint.lnum
    end
  end
  return buf, suggestion.line
end

---All that wait: those of the current buffer first, the nearest to the cursor before the others.
---@return proactive.Waiting[]
function M.waiting()
  local here, row = vim.api.nvim_get_current_buf(), vim.api.nvim_win_get_cursor(0)[1] - 1
  local found = {} ---@type proactive.Waiting[]
  for _, client in ipairs(clients.all()) do
    local said = status.of(client.id)
    for _, suggestion in ipairs(said and said.suggestions or {}) do
      local buf, line = spot_of(client, suggestion)
      table.insert(found, { client = client, suggestion = suggestion, buf = buf, line = line })
    end
  end
  local function distance(one)
    return one.buf == here and math.abs(one.line - row) or math.huge
  end
  table.sort(found, function(a, b)
    local near, far = distance(a), distance(b)
    if near ~= far then
      return near < far
    end
    return a.suggestion.id < b.suggestion.id
  end)
  return found
end

---Hands over the one that is meant: the only one, or the only one in the cursor's line; else asks.
---@param what string what is to be done with it, for the question
---@param act fun(chosen: proactive.Waiting)
---@return boolean any whether there is any
function M.choose(what, act)
  local all = M.waiting()
  local here, row = vim.api.nvim_get_current_buf(), vim.api.nvim_win_get_cursor(0)[1] - 1
  local at_cursor = vim.tbl_filter(function(one)
    return one.buf == here and one.line == row
  end, all)
  local only = #all == 1 and all[1] or (#at_cursor == 1 and at_cursor[1]) or nil
  if only then
    act(only)
  elseif #all > 1 then
    vim.ui.select(all, {
      prompt = ('%s which suggestion?'):format(what),
      kind = 'proactive',
      format_item = function(one)
        local name = vim.fn.fnamemodify(vim.uri_to_fname(one.suggestion.uri), ':.')
        return ('%s (%s:%d)'):format(text.one_line(one.suggestion.title), name, one.line + 1)
      end,
    }, function(chosen)
      if chosen then
        act(chosen)
      end
    end)
  end
  return #all > 0
end

return M
