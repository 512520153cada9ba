-- What each server said last about its state, kept ready for the status line and the commands.

local config = require('proactive.config')
local text = require('proactive.text')

local M = {}

---@class proactive.Suggestion
---@field id string
---@field title string
---@field task string
---@field uri string
---@field line integer from zero, as it was when it was offered
---@field hasEdit boolean
---@field command string?

---@class proactive.Status
---@field state proactive.State
---@field suggestions proactive.Suggestion[]
---@field counts table<string, integer>
---@field snoozedUntil string?
---@field model proactive.Model? only where a language model is named

local of_client = {} ---@type table<integer, proactive.Status>
local of_buffer = {} ---@type table<integer, integer> the server that a buffer is or was attached to
local gone = {} ---@type table<integer, boolean> servers that have ended
local shown = {} ---@type table<integer, string> the words for each server, made once for each change
local known = {} ---@type table<string, boolean> suggestions that were told of

---Seconds since 1970 of a time as the server writes it.
---@param time string
---@return integer?
function M.epoch(time)
  local year, month, day, hour, minute, second = time:match('^(%d+)-(%d+)-(%d+)T(%d+):(%d+):(%d+)')
  if not year then
    return nil
  end
  local parts = { year = year, month = month, day = day, hour = hour, min = minute, sec = second, isdst = false }
  local as_local = os.time(parts)
  local utc = os.date('!*t', as_local) --[[@as osdateparam]]
  utc.isdst = false
  return as_local + os.difftime(as_local, os.time(utc))
end

---@param status proactive.Status
---@return string
local function words(status)
  local state, model = status.state, status.model and status.model.state
  if model == 'writing' then
    state = 'writing' -- the user has asked for it
  elseif model == 'offline' and state == 'watching' then
    state = 'model_offline' -- all else goes on
  end
  local label = config.get().labels[state] or state
  local count = #(status.suggestions or {})
  if state == 'suggestion' and count > 1 then
    return ('%s (%d)'):format(label, count)
  end
  local until_ = status.state == 'snoozed' and status.snoozedUntil and M.epoch(status.snoozedUntil)
  return until_ and ('%s until %s'):format(label, os.date('%H:%M', until_)) or label
end

local function redraw()
  vim.schedule(function()
    vim.api.nvim_exec_autocmds('User', { pattern = 'ProactiveStatus', modeline = false })
    vim.cmd.redrawstatus({ bang = true })
  end)
end

---@param id integer
local function update(id)
  local status = of_client[id]
  local now = gone[id] and config.get().labels.offline or (status and words(status)) or ''
  if shown[id] ~= now then
    shown[id] = now
    redraw()
  end
end

---The server has told its state.
---@param id integer the client's
---@param status proactive.Status
function M.changed(id, status)
  of_client[id] = status
  for _, suggestion in ipairs(status.suggestions or {}) do
    if config.get().notify and not known[suggestion.id] then
      vim.notify(text.one_line(suggestion.title), vim.log.levels.INFO, { title = 'proactive' })
    end
    known[suggestion.id] = true
  end
  update(id)
end

---@param client vim.lsp.Client
---@param buf integer
function M.attached(client, buf)
  of_buffer[buf] = client.id
  if of_client[client.id] then
    return
  end
  of_client[client.id] = { state = 'watching', suggestions = {}, counts = {} }
  client:request('proactive/status', vim.empty_dict(), function(err, status)
    if not err and status then
      M.changed(client.id, status)
    end
  end)
end

---A buffer has left its server, perhaps since that has ended.
---@param id integer
---@param buf integer
function M.detached(id, buf)
  vim.schedule(function()
    local client = vim.lsp.get_client_by_id(id)
    if client and not client:is_stopped() then
      if of_buffer[buf] == id then
        of_buffer[buf] = nil
      end
      return
    end
    gone[id], of_client[id] = true, nil
    update(id)
  end)
end

---The words for the status line of the window being drawn.
---@return string
function M.text()
  local window = vim.g.statusline_winid
  local buf = window and vim.api.nvim_win_is_valid(window) and vim.api.nvim_win_get_buf(window)
    or vim.api.nvim_get_current_buf()
  return shown[of_buffer[buf]] or ''
end

---What a server said last.
---@param id integer
---@return proactive.Status?
function M.of(id)
  return of_client[id]
end

return M
