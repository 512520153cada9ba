-- What is there from the start: one command, its keys, and a few autocommands. All else is loaded when it is needed.

if vim.g.loaded_proactive then
  return
end
vim.g.loaded_proactive = true

local api = vim.api

if vim.fn.has('nvim-0.11') == 0 then
  api.nvim_create_user_command('Proactive', function()
    api.nvim_echo({ { 'proactive: needs Neovim 0.11 or newer; this one is older', 'WarningMsg' } }, true, {})
  end, { nargs = '*' })
  return
end

-- Terminals started from here find the shell snippets by it, wherever a plug-in manager has put them.
local here =
  vim.fs.dirname(vim.fs.dirname(vim.fs.normalize(vim.fn.fnamemodify(debug.getinfo(1, 'S').source:sub(2), ':p'))))
vim.env.PROACTIVE_NVIM_SHELL = here .. '/shell'

api.nvim_create_user_command('Proactive', function(command)
  require('proactive.commands').run(command.fargs)
end, {
  nargs = '*',
  desc = 'Suggestions of the proactive server',
  complete = function(lead, line)
    return require('proactive.commands').complete(lead, line)
  end,
})

for _, name in ipairs({ 'accept', 'cancel', 'dismiss', 'goto', 'snooze', 'wake', 'why', 'timeline', 'status' }) do
  vim.keymap.set('n', ('<Plug>(proactive-%s)'):format(name), function()
    require('proactive.commands').run({ name })
  end, { desc = 'proactive: ' .. name })
end

local group = api.nvim_create_augroup('proactive', { clear = true })

api.nvim_create_autocmd('LspAttach', {
  group = group,
  desc = 'proactive: begin to watch',
  callback = function(args)
    local client = vim.lsp.get_client_by_id(args.data.client_id)
    if client and client.name == 'proactive' then
      require('proactive.sources').attach(client, args.buf)
    end
  end,
})

api.nvim_create_autocmd('LspDetach', {
  group = group,
  desc = 'proactive: forget what a server said',
  callback = function(args)
    if package.loaded['proactive.status'] then
      require('proactive.status').detached(args.data.client_id, args.buf)
    end
  end,
})

if vim.v.vim_did_enter == 1 then
  vim.schedule(function()
    require('proactive').start()
  end)
else
  -- Not before the first file: by then the configuration has been read, and a start without a file costs nothing.
  api.nvim_create_autocmd('FileType', {
    group = group,
    once = true,
    desc = 'proactive: enable the server',
    callback = function()
      vim.schedule(function()
        require('proactive').start()
      end)
    end,
  })
end
