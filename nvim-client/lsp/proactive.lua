-- How Neovim starts the server: merged with what `vim.lsp.config('proactive', …)` adds.

---@type vim.lsp.Config
return {
  cmd = function(dispatchers, config)
    return require('proactive.server').start(dispatchers, config)
  end,
  -- Only decides whether to start at all: where the server is not installed, opening a file must not raise an error.
  root_dir = function(buf, on_dir)
    if require('proactive.server').startable(buf) then
      on_dir(nil) -- the folder follows from `root_markers`
    end
  end,
  -- One server a repository, however many packages are in it: an earlier marker counts before a nearer one.
  root_markers = { '.git', '.hg', '.proactive.toml', { 'pyproject.toml', 'package.json', 'go.mod', 'Cargo.toml' } },
  capabilities = { experimental = { proactive = { status = true, terminal = true } } },
  handlers = {
    ['proactive/didChangeStatus'] = function(_, status, ctx)
      require('proactive.status').changed(ctx.client_id, status)
    end,
    ['proactive/offerCommand'] = function(_, suggestion, ctx)
      require('proactive.shell_command').offered(suggestion, ctx)
    end,
    ['$/progress'] = function(err, progress, ctx)
      require('proactive.language_model').progress(ctx.client_id, progress)
      return vim.lsp.handlers['$/progress'](err, progress, ctx)
    end,
    ['window/showMessage'] = function(_, message, ctx)
      require('proactive.messages').show(message, ctx)
    end,
    ['workspace/applyEdit'] = function(err, edit, ctx)
      return require('proactive.messages').apply(err, edit, ctx)
    end,
  },
}
