#!/usr/bin/env node
// Any Node.js can read this file: it says which one is needed before anything newer is loaded.
const found = process.versions.node;
const parts = found.split('.').map(Number);
const isNewEnough =
  parts[0] > 22 || (parts[0] === 22 && parts[1] >= 12) || (parts[0] === 20 && parts[1] >= 19);
const isJson = process.argv.indexOf('--json') >= 0;

function refuse(code, message, hint) {
  process.exitCode = 2;
  if (isJson)
    process.stdout.write(JSON.stringify({ error: { code: code, message: message, hint: hint } }) + '\n');
  else process.stderr.write('error[' + code + '] ' + message + '\n  ' + hint + '\n');
}

if (!isNewEnough) {
  refuse(
    'NODE_TOO_OLD',
    'igarape needs Node.js 20.19, 22.12 or later; this is ' + parts[0] + '.' + parts[1] + '.',
    'Get one from https://nodejs.org, then give the same command again.',
  );
} else {
  import('../dist/cli/main.js').then(run, notThere);
}

function run(program) {
  return program.main(process.argv.slice(2)).then(function (exitCode) {
    return (process.exitCode = exitCode);
  });
}

function notThere(error) {
  if (error.code !== 'ERR_MODULE_NOT_FOUND') throw error;
  refuse(
    'NOT_INSTALLED',
    'This checkout of igarape is not built, or what it needs is not installed.',
    'Run `npm ci` in the folder of the checkout first.',
  );
}
