-- Commands that ran in `:terminal` buffers: by the marks of the shell, or, of a terminal that was opened for one
-- command, by its end.

local clients = require('proactive.clients')
local jobs = require('proactive.jobs')
local marks = require('proactive.marks')
local osc = require('proactive.osc')
local screen = require('proactive.screen')
local text = require('proactive.text')

local M = {}

---Milliseconds after which a terminal's buffer shows what its program had printed when an event came.
local SETTLE = 60
local MOST_OUTPUT = 64 * 1024 -- bytes
local MOST_COMMAND = 4096 -- bytes

---@class proactive.Place: proactive.Spot
---@field dropped integer how many lines the buffer had lost at its top by then

---@class proactive.Run
---@field began integer? nanoseconds
---@field place proactive.Place where its output begins
---@field anchor proactive.Place? where its command line begins
---@field command string?
---@field cwd string

---@class proactive.Terminal
---@field dropped integer lines lost at the top, since the scrollback was full
---@field marked boolean the shell emits marks
---@field width integer? cells
---@field folder string? as the shell says it
---@field away boolean the shell is on another machine
---@field anchor proactive.Place? where the command line begins, or the prompt before it
---@field told proactive.Told[] marks that are yet to be taken in
---@field last string? the kind of the last mark that was taken in, folders left out
---@field run proactive.Run? the command under way
---@field job string? the command that the terminal was opened for
---@field job_began integer? nanoseconds
---@field job_folder string? where it was started

local terminals = {} ---@type table<integer, proactive.Terminal>
local marks_seen = false

---Whether any shell has emitted marks in this session.
---@return boolean
function M.marks_seen()
  return marks_seen
end

---@param buf integer
---@return proactive.Terminal
local function terminal_of(buf)
  local terminal = terminals[buf]
  if terminal then
    return terminal
  end
  terminal = { dropped = 0, marked = false, away = false, told = {} }
  terminals[buf] = terminal
  vim.api.nvim_buf_attach(buf, false, {
    on_lines = function(_, _, _, first, last, new_last)
      if first == 0 and new_last == 0 then
        terminal.dropped = terminal.dropped + last
      end
      return terminals[buf] ~= terminal
    end,
    on_detach = function()
      terminals[buf] = terminals[buf] ~= terminal and terminals[buf] or nil
    end,
  })
  return terminal
end

---@param buf integer
---@return string? folder that the terminal was opened in
local function opened_in(buf)
  local named = vim.api.nvim_buf_get_name(buf):match('^term://(.-)//%d+:')
  return named and (vim.fn.fnamemodify(named, ':p'):gsub('(.)/$', '%1')) or nil
end

---@param buf integer
---@param terminal proactive.Terminal
---@return string folder that the shell is in
local function folder_of(buf, terminal)
  local pid = vim.b[buf].terminal_job_pid
  return terminal.folder
    or (pid and vim.uv.fs_readlink(('/proc/%d/cwd'):format(pid)))
    or opened_in(buf)
    or vim.fn.getcwd()
end

---Where a place is by now.
---@param terminal proactive.Terminal
---@param place proactive.Place
---@return proactive.Spot
local function now_at(terminal, place)
  return { row = place.row - (terminal.dropped - place.dropped), column = place.column }
end

---@param run proactive.Run
---@param exit_code integer?
---@param output string
---@param ended integer nanoseconds
local function tell(run, exit_code, output, ended)
  local command = vim.trim(run.command or '')
  -- What `proactive exec` wraps it reports itself, and with more of the output.
  if command == '' or command:find('^[%w%._/~+-]*proactive%s+exec%f[%s]') then
    return
  end
  local client, cwd = clients.of_folder(run.cwd)
  if client then
    clients.send(client, 'terminal', {
      kind = 'terminal.run',
      data = {
        command = text.valid(command):sub(1, MOST_COMMAND),
        cwd = cwd,
        exit_code = exit_code,
        seconds = run.began and (ended - run.began) / 1e9 or nil,
        output = text.valid(text.tail(output, MOST_OUTPUT)),
      },
    })
  end
end

---Where a run's output begins by now. Neovim tells the place as of when the mark came, and delivers it after the
---buffer has lost lines to what was printed since; so once there were losses, it is reckoned from the prompt, whose
---mark came while nothing was printed.
---@param terminal proactive.Terminal
---@param run proactive.Run
---@return proactive.Spot
local function output_of(terminal, run)
  local anchor = run.anchor
  if not anchor or terminal.dropped == anchor.dropped then
    return now_at(terminal, run.place)
  end
  local row = now_at(terminal, anchor).row + screen.rows(run.command or '', anchor.column, terminal.width)
  return { row = math.max(1, row), column = 0 }
end

---@param buf integer
---@param terminal proactive.Terminal
---@param mark proactive.Told
local function begin(buf, terminal, mark)
  local anchor, place = terminal.anchor, mark.place
  local cwd = folder_of(buf, terminal)
  local run = { began = mark.at, place = place, anchor = anchor, command = mark.command, cwd = cwd }
  terminal.anchor, terminal.run = nil, run
  terminal.width = screen.width(buf) or terminal.width
  if run.command or not anchor then
    return
  end
  vim.defer_fn(function()
    if vim.api.nvim_buf_is_valid(buf) then
      local from, to = now_at(terminal, anchor), now_at(terminal, place)
      if terminal.dropped ~= anchor.dropped then
        to = { row = from.row, column = math.huge }
      end
      run.command = screen.between(buf, from, to, terminal.width)
    end
  end, SETTLE)
end

---@param buf integer
---@param terminal proactive.Terminal
---@param mark proactive.Told
local function finish(buf, terminal, mark)
  local run = terminal.run
  terminal.run = nil
  if not run then
    return -- an empty line, or Ctrl-C at the prompt
  end
  -- Armed after the reading of the command, and for as long: it rings after it.
  vim.defer_fn(function()
    local there = vim.api.nvim_buf_is_valid(buf)
    local output = there and screen.between(buf, output_of(terminal, run), mark.place, terminal.width) or ''
    tell(run, mark.exit_code, output ~= '' and output .. '\n' or '', mark.at)
  end, SETTLE)
end

---@param buf integer
---@param terminal proactive.Terminal
---@param mark proactive.Told
local function take_in(buf, terminal, mark)
  terminal.last = mark.kind ~= 'folder' and mark.kind or terminal.last
  if mark.kind == 'folder' then
    terminal.folder, terminal.away = mark.path, mark.path == nil
  elseif mark.kind == 'prompt' or mark.kind == 'input' then
    terminal.anchor = mark.place -- some shells tell of the prompt alone
  elseif terminal.away then
    return -- what runs on another machine is not about these files, and does not end the local `ssh`
  elseif mark.kind == 'output' then
    begin(buf, terminal, mark)
  elseif mark.kind == 'end' then
    finish(buf, terminal, mark)
  end
end

---@param buf integer
---@param sequence string
---@param cursor integer[]
local function requested(buf, sequence, cursor)
  local mark = osc.parse(sequence) --[[@as proactive.Told?]]
  if not mark then
    return
  end
  local terminal = terminal_of(buf)
  if mark.kind ~= 'folder' then
    marks_seen, terminal.marked = true, true
  end
  mark.place = { row = cursor[1], column = cursor[2], dropped = terminal.dropped }
  mark.at = vim.uv.hrtime()
  table.insert(terminal.told, mark)
  if #terminal.told > 1 then
    return
  end
  vim.schedule(function() -- after all that Neovim is about to tell by now
    local told = terminal.told
    terminal.told = {}
    if not vim.api.nvim_buf_is_valid(buf) then
      return
    end
    local before = { running = terminal.run ~= nil, anchor = terminal.anchor, last = terminal.last }
    for _, one in ipairs(marks.in_order(told, before)) do
      take_in(buf, terminal, one)
    end
  end)
end

---The terminal's program has ended: a run, if the terminal was opened for it.
---@param buf integer
---@param status integer
local function closed(buf, status)
  local terminal = terminals[buf]
  if not terminal or terminal.marked or not terminal.job or vim.bo[buf].filetype == 'fzf' then
    return
  end
  local rows = vim.api.nvim_buf_line_count(buf)
  local width = screen.width(buf) or terminal.width
  local output = screen.between(buf, { row = 1, column = 0 }, { row = rows, column = math.huge }, width)
  output = output:gsub('%s*%[Process exited %-?%d+%]$', '')
  local run = {
    began = terminal.job_began,
    place = { row = 1, column = 0, dropped = 0 },
    command = terminal.job,
    cwd = terminal.folder or terminal.job_folder or vim.fn.getcwd(),
  }
  tell(run, status, output ~= '' and output .. '\n' or '', vim.uv.hrtime())
end

---@param buf integer
---@param began integer? nanoseconds
local function opened(buf, began)
  local ok, info = pcall(vim.api.nvim_get_chan_info, vim.bo[buf].channel)
  local terminal = terminal_of(buf)
  terminal.job = ok and info.argv and jobs.command(info.argv) or nil
  terminal.job_began = began
  terminal.job_folder = opened_in(buf)
end

function M.start()
  local group = vim.api.nvim_create_augroup('proactive.terminal', { clear = true })
  for _, buf in ipairs(vim.api.nvim_list_bufs()) do
    if vim.api.nvim_buf_is_loaded(buf) and vim.bo[buf].buftype == 'terminal' then
      opened(buf)
    end
  end
  vim.api.nvim_create_autocmd('TermOpen', {
    group = group,
    desc = 'proactive: a terminal is opened',
    callback = function(args)
      opened(args.buf, vim.uv.hrtime())
    end,
  })
  vim.api.nvim_create_autocmd('TermRequest', {
    group = group,
    desc = 'proactive: a shell says where it is',
    callback = function(args)
      requested(args.buf, args.data.sequence, args.data.cursor)
    end,
  })
  vim.api.nvim_create_autocmd('TermClose', {
    group = group,
    desc = 'proactive: a terminal has ended',
    callback = function(args)
      closed(args.buf, vim.v.event.status)
    end,
  })
end

return M
