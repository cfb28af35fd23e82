-- SPDX-License-Identifier: Apache-2.0
-- Neovim 0.11 or later: put this into ~/.config/nvim/plugin/martlet.lua

vim.filetype.add({ extension = { martlet = "martlet" } })

vim.lsp.config("martlet", {
  cmd = { "martlet", "lsp" },
  filetypes = { "martlet" },
  root_markers = { "rules", ".git" },
  init_options = { rulesets = {} },
})
vim.lsp.enable("martlet")

vim.api.nvim_create_autocmd("FileType", {
  pattern = "martlet",
  callback = function()
    vim.bo.commentstring = "// %s"
    vim.bo.shiftwidth = 2
    vim.bo.expandtab = true
  end,
})

-- Lays out files as they are written.
vim.api.nvim_create_autocmd("BufWritePre", {
  pattern = "*.martlet",
  callback = function() vim.lsp.buf.format({ name = "martlet" }) end,
})
