// Starts `trapline isa lsp` and hands what it says to the editor.
"use strict";
const vscode = require("vscode");
const { LanguageClient } = require("vscode-languageclient/node");

let client;

function made() {
    const settings = vscode.workspace.getConfiguration("trapline");
    const [command, ...args] = settings.get("command");
    return new LanguageClient("trapline-isa", "Trapline", { command, args }, {
        documentSelector: [{ scheme: "file", language: "trapline-isa" }],
        initializationOptions: { arch: settings.get("arch") },
    });
}

async function restart() {
    if (client) await client.stop();
    client = made();
    await client.start();
}

exports.activate = async (context) => {
    context.subscriptions.push(vscode.commands.registerCommand("trapline.restart", restart));
    await restart();
};

exports.deactivate = () => (client ? client.stop() : undefined);
