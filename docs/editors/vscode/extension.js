// SPDX-License-Identifier: Apache-2.0
// Starts `martlet lsp` for rules files. Plain JavaScript: there is nothing to build.

"use strict";

const { commands, window, workspace } = require("vscode");
const { LanguageClient } = require("vscode-languageclient/node");

let client;

/** The server as the settings say, and what it is told of the workspace. */
function makeClient() {
  const settings = workspace.getConfiguration("martlet");
  const server = { command: settings.get("path", "martlet"), args: ["lsp"] };
  return new LanguageClient("martlet", "Martlet", server, {
    documentSelector: [{ language: "martlet" }],
    initializationOptions: {
      rulesets: settings.get("rulesets", []),
      documentation: settings.get("documentation", "") || undefined,
    },
  });
}

async function start() {
  client = makeClient();
  try {
    await client.start();
  } catch (error) {
    window.showErrorMessage(
      `Martlet does not start (${error.message}). Set "martlet.path" to the program.`,
    );
  }
}

async function stop() {
  const old = client;
  client = undefined;
  if (old && old.isRunning()) await old.stop();
}

async function restart() {
  await stop();
  await start();
}

async function activate(context) {
  context.subscriptions.push(
    commands.registerCommand("martlet.restart", restart),
    workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration("martlet")) restart();
    }),
  );
  await start();
}

module.exports = { activate, deactivate: stop };
