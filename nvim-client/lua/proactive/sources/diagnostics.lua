-- What the other language servers and linters say about a buffer, told once it has settled.

local clients = require('proactive.clients')
local text = require('proactive.text')

local M = {}

---Milliseconds over which changes are gathered: a server may publish several times a keystroke.
local GATHER = 300
---So many diagnostics of one buffer are told at most; the worst first.
local MOST = 500

local SEVERITIES = { 'error', 'warning', 'information', 'hint' }

local dirty = {} ---@type table<integer, boolean>
local told = {} ---@type table<integer, string> what was sent last for a buffer, encoded
local timer ---@type uv.uv_timer_t?

---@param buf integer
---@param own integer the namespace of our own hints
---@return table[]
local function items_of(buf, own)
  local found = {} ---@type vim.Diagnostic[]
  for _, diagnostic in ipairs(vim.diagnostic.get(buf)) do
    if diagnostic.source ~= 'proactive' and diagnostic.namespace ~= own then
      table.insert(found, diagnostic)
    end
  end
  if #found > MOST then
    table.sort(found, function(a, b)
      return (a.severity or 1) < (b.severity or 1)
    end)
  end
  local lines = {} ---@type table<integer, string>
  local function utf16(row, byte)
    lines[row] = lines[row] or vim.api.nvim_buf_get_lines(buf, row, row + 1, false)[1] or ''
    return text.utf16(lines[row], byte)
  end
  local items = {} ---@type table[]
  for index = 1, math.min(#found, MOST) do
    local one = found[index]
    local row, last = math.max(0, one.lnum), math.max(0, one.end_lnum or one.lnum)
    table.insert(items, {
      range = { row, utf16(row, one.col), last, utf16(last, one.end_col or one.col) },
      message = text.valid(one.message),
      severity = SEVERITIES[one.severity],
      code = one.code and tostring(one.code) or nil,
      tool = one.source,
    })
  end
  return items
end

---@param buf integer
local function tell(buf)
  local client = vim.api.nvim_buf_is_loaded(buf) and clients.of_buffer(buf)
  if not client then
    return
  end
  local items = items_of(buf, vim.lsp.diagnostic.get_namespace(client.id))
  local encoded = #items > 0 and vim.json.encode(items) or nil
  if told[buf] ~= encoded then
    told[buf] = encoded
    clients.send(client, 'diagnostics', {
      kind = 'diagnostics',
      where = { uri = vim.uri_from_bufnr(buf) },
      data = { items = items },
    })
  end
end

local function tell_all()
  local bufs = dirty
  dirty = {}
  for buf in pairs(bufs) do
    tell(buf)
  end
end

---@param buf integer
local function mark(buf)
  timer = timer or assert(vim.uv.new_timer())
  if next(dirty) == nil then
    timer:start(GATHER, 0, vim.schedule_wrap(tell_all))
  end
  dirty[buf] = true
end

function M.start()
  local group = vim.api.nvim_create_augroup('proactive.diagnostics', { clear = true })
  vim.api.nvim_create_autocmd('DiagnosticChanged', {
    group = group,
    desc = 'proactive: other servers have spoken',
    callback = function(args)
      mark(args.buf)
    end,
  })
  vim.api.nvim_create_autocmd({ 'BufUnload', 'BufWipeout' }, {
    group = group,
    desc = 'proactive: forget a buffer',
    callback = function(args)
      told[args.buf], dirty[args.buf] = nil, nil
    end,
  })
end

---@param buf integer
function M.attach(_, buf)
  told[buf] = nil -- a new server knows nothing yet
  mark(buf)
end

return M
