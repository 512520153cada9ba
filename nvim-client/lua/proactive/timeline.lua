-- `:Proactive timeline`: what was seen, what was decided, and what became of the suggestions, in a scratch buffer.

local status = require('proactive.status')
local text = require('proactive.text')

local M = {}

local LIMIT = 256 -- the most that the server holds ready
local NAME = 'proactive://timeline'
local highlights = vim.api.nvim_create_namespace('proactive.timeline')

---@class proactive.Entry
---@field time string as the server writes it
---@field mark string
---@field words string
---@field group string the highlight of the mark

---@param decision table
---@return proactive.Entry
local function entry_of(decision)
  local need = decision.need
    and decision.threshold
    and ('need %.2f, speaks above %.2f'):format(decision.need, decision.threshold)
  local offered = decision.suggestion
  if offered then
    local fate = offered.fate and (' – ' .. tostring(offered.fate):gsub('_', ' ')) or ''
    local words = ('%s%s'):format(offered.title, fate)
    return { time = decision.time, mark = 'offered', words = words, group = 'DiagnosticHint' }
  end
  local parts = { (tostring(decision.reason or ''):gsub('_', ' ')) }
  table.insert(parts, decision.detail or need)
  local words = ('%s (at: %s)'):format(table.concat(parts, ': '), (tostring(decision.boundary):gsub('_', ' ')))
  return { time = decision.time, mark = 'silent', words = words, group = 'Comment' }
end

---@param timeline table the answer to `proactive/timeline`
---@return proactive.Entry[]
local function entries_of(timeline)
  local entries = {} ---@type proactive.Entry[]
  for _, event in ipairs(timeline.events or {}) do
    table.insert(entries, { time = event.time, mark = 'seen', words = event.sentence, group = 'Normal' })
  end
  for _, decision in ipairs(timeline.decisions or {}) do
    table.insert(entries, entry_of(decision))
  end
  local place = {} ---@type table<proactive.Entry, integer>
  for index, entry in ipairs(entries) do
    place[entry] = index
  end
  table.sort(entries, function(a, b)
    if a.time ~= b.time then
      return a.time < b.time
    end
    return place[a] < place[b]
  end)
  return entries
end

---@param buf integer
---@param timeline table
local function fill(buf, timeline)
  local lines = { "Newest last. 'R' reads anew, 'q' closes. All of it stays on this machine.", '' }
  local entries = entries_of(timeline)
  for _, entry in ipairs(entries) do
    local epoch = status.epoch(entry.time)
    local clock = epoch and os.date('%H:%M:%S', epoch) or '??:??:??'
    table.insert(lines, ('%s  %-8s %s'):format(clock, entry.mark, text.one_line(entry.words)))
  end
  if #entries == 0 then
    table.insert(lines, 'Nothing has been seen yet.')
  end
  vim.bo[buf].modifiable = true
  vim.api.nvim_buf_set_lines(buf, 0, -1, false, lines)
  vim.bo[buf].modifiable = false
  vim.api.nvim_buf_clear_namespace(buf, highlights, 0, -1)
  vim.api.nvim_buf_set_extmark(buf, highlights, 0, 0, { end_col = #lines[1], hl_group = 'Comment' })
  for index, entry in ipairs(entries) do
    vim.api.nvim_buf_set_extmark(buf, highlights, index + 1, 10, { end_col = 18, hl_group = entry.group })
  end
end

---@param name string
---@return integer buf
local function scratch(name)
  local buf = vim.fn.bufnr(('^%s$'):format(vim.fn.escape(name, '/')))
  if buf < 0 then
    buf = vim.api.nvim_create_buf(false, true)
    vim.api.nvim_buf_set_name(buf, name)
  end
  vim.bo[buf].buftype = 'nofile'
  vim.bo[buf].bufhidden = 'wipe'
  vim.bo[buf].swapfile = false
  vim.bo[buf].filetype = 'proactive-timeline'
  return buf
end

---@param client vim.lsp.Client
---@param done fun(timeline: table)
local function ask(client, done)
  client:request('proactive/timeline', { limit = LIMIT }, function(err, timeline)
    if err or not timeline then
      require('proactive.messages').say(err and err.message or 'the server did not answer', 'WarningMsg')
      return
    end
    done(timeline)
  end)
end

---Opens the timeline in a split, or reads it anew where it is open.
---@param client vim.lsp.Client
function M.open(client)
  ask(client, function(timeline)
    local buf = scratch(NAME)
    local window = vim.fn.bufwinid(buf)
    if window < 0 then
      window = vim.api.nvim_open_win(buf, true, { split = 'below', win = 0 })
    else
      vim.api.nvim_set_current_win(window)
    end
    vim.wo[window].wrap = false
    fill(buf, timeline)
    vim.api.nvim_win_set_cursor(window, { vim.api.nvim_buf_line_count(buf), 0 })
    vim.keymap.set('n', 'q', '<Cmd>close<CR>', { buffer = buf, nowait = true, desc = 'close the timeline' })
    vim.keymap.set('n', 'R', function()
      M.open(client)
    end, { buffer = buf, nowait = true, desc = 'read the timeline anew' })
  end)
end

return M
