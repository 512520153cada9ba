-- Where the debugger of nvim-dap stopped at an exception or a breakpoint. Steps are no news, variables are not read.

local clients = require('proactive.clients')
local text = require('proactive.text')

local M = {}

local REASONS = { exception = true, breakpoint = true }

---@param reason string
---@param frame table? of the Debug Adapter Protocol: lines count from one
---@param message string?
local function tell(reason, frame, message)
  local path = frame and frame.source and frame.source.path
  local client = path and clients.of_folder(vim.fs.dirname(path)) or clients.current()
  if not client then
    return
  end
  local where ---@type table?
  if path and vim.startswith(path, '/') then
    local line = math.max(0, (frame.line or 1) - 1)
    where = { uri = vim.uri_from_fname(path), range = { line, 0, line, 0 } }
  end
  message = message and text.valid(text.one_line(message)):sub(1, 2000) or nil
  clients.send(client, 'debug', {
    kind = 'debug.stopped',
    where = where,
    data = { reason = reason, message = message },
  })
end

---@param session table of nvim-dap
---@param stopped table the body of the adapter's `stopped` event
local function stopped_at(session, stopped)
  local reason = stopped.reason
  if not REASONS[reason] then
    return
  end
  session:request('stackTrace', { threadId = stopped.threadId, startFrame = 0, levels = 1 }, function(_, stack)
    local frame = stack and stack.stackFrames and stack.stackFrames[1]
    local message = type(stopped.text) == 'string' and stopped.text or nil
    if reason ~= 'exception' or not (session.capabilities or {}).supportsExceptionInfoRequest then
      tell(reason, frame, message)
      return
    end
    session:request('exceptionInfo', { threadId = stopped.threadId }, function(_, info)
      if info and info.description then
        message = info.exceptionId and ('%s: %s'):format(info.exceptionId, info.description) or info.description
      end
      tell(reason, frame, message)
    end)
  end)
end

---@return boolean hooked
local function hook()
  local dap = package.loaded['dap']
  if not dap then
    return false
  end
  dap.listeners.after.event_stopped['proactive'] = function(session, body)
    stopped_at(session, body or {})
  end
  return true
end

function M.start()
  if hook() then
    return
  end
  -- nvim-dap says this when a session begins; before that, it may not be loaded at all.
  vim.api.nvim_create_autocmd('User', {
    group = vim.api.nvim_create_augroup('proactive.debug', { clear = true }),
    pattern = 'DapProgressUpdate',
    desc = 'proactive: listen to the debugger',
    callback = hook, -- once hooked, it is no longer needed: true removes it
  })
end

return M
