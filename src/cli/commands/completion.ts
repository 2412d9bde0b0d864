import type { GlobalOptions } from '../options.ts';

export const SHELLS = ['bash', 'zsh', 'fish', 'powershell'] as const;

/** For each shell what it is to load: it asks the program itself, which knows the commands and reads the tables' names. */
const SCRIPTS: Readonly<Record<(typeof SHELLS)[number], string>> = {
  bash: `_igarape() {
  local IFS=$'\\n'
  COMPREPLY=($(igarape __complete "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null))
}
complete -o default -o bashdefault -F _igarape igarape
`,
  zsh: `#compdef igarape
_igarape() {
  local -a found
  found=("\${(@f)$(igarape __complete "\${(@)words[2,CURRENT]}" 2>/dev/null)}")
  if [[ -n "$found" ]]; then
    compadd -a found
  else
    [[ $words[CURRENT] == --*=* ]] && compset -P 1 '*='
    _files
  fi
}
if [[ $funcstack[1] == _igarape ]]; then _igarape; else compdef _igarape igarape; fi
`,
  fish: `function __igarape_complete
  set -l words (commandline -opc) (commandline -ct)
  set -l found (igarape __complete $words[2..-1] 2>/dev/null)
  if set -q found[1]
    printf '%s\\n' $found
  else
    set -l parts (string match -r '^(--[^=]+=|)(.*)$' -- (commandline -ct))
    for path in (__fish_complete_path $parts[3])
      echo $parts[2]$path
    end
  end
end
complete -c igarape -f -a '(__igarape_complete)'
`,
  powershell: `Register-ArgumentCompleter -Native -CommandName igarape -ScriptBlock {
  param($word, $line, $at)
  $words = @($line.CommandElements | Select-Object -Skip 1 | ForEach-Object { $_.ToString() })
  if ($word -eq '') { $words += '""' }
  igarape __complete @words 2>$null | ForEach-Object {
    [System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', $_)
  }
}
`,
};

export function command(
  [shell]: readonly string[],
  _options: object,
  _globals: GlobalOptions,
): Promise<number> {
  const known = SHELLS.find((each) => each === shell);
  if (known !== undefined) process.stdout.write(SCRIPTS[known]);
  return Promise.resolve(0);
}
