/** `corebgp completion`: scripts that let a shell complete the command line, by asking `corebgp complete` with each Tab. */
import { CoreBgpError } from '../model/errors.ts';
import { fileDirective } from './complete.ts';
import type { Shell } from './shell.ts';
import { examples, type Verb } from './verb.ts';

/** Bash cuts words at ":" and "=" too: the words are read anew, and of a reply only what bash takes for the word is given. */
const bash = `# corebgp completion for bash
_corebgp() {
  local -a words
  local IFS=$' \\t\\n' line="\${COMP_LINE:0:COMP_POINT}" value rest
  read -ra words <<< "$line"
  [[ $line == *[[:space:]] ]] && words+=("")
  local current="\${words[\${#words[@]}-1]}" last="\${COMP_WORDS[COMP_CWORD]}"
  [[ $last == [:=] ]] && last=""
  local lead="\${current%"$last"}"
  COMPREPLY=()
  local joined IFS=$'\\x1f'
  joined="\${words[*]:1}"
  while IFS=$'\\t' read -r value rest; do
    if [[ $value == "${fileDirective}" ]]; then
      compopt -o default
      return
    fi
    COMPREPLY+=("\${value#"$lead"}")
  done < <("\${COMP_WORDS[0]}" complete ":$joined" 2> /dev/null)
}
complete -F _corebgp corebgp
`;

const zsh = `#compdef corebgp
# corebgp completion for zsh
_corebgp() {
  local -a given lines found
  local line
  given=("\${(@)words[2,CURRENT]}")
  lines=("\${(@f)$("\${words[1]}" complete ":\${(pj:\\x1f:)given}" 2> /dev/null)}")
  if [[ "\${lines[1]}" == "${fileDirective}" ]]; then
    _files
    return
  fi
  for line in "\${lines[@]}"; do
    [[ -z "$line" ]] && continue
    if [[ "$line" == *$'\\t'* ]]; then
      found+=("\${\${line%%$'\\t'*}//:/\\\\:}:\${line#*$'\\t'}")
    else
      found+=("\${line//:/\\\\:}")
    fi
  done
  _describe 'corebgp' found
}
if [[ "\${funcstack[1]}" == "_corebgp" ]]; then
  _corebgp "$@"
else
  compdef _corebgp corebgp
fi
`;

const fish = `# corebgp completion for fish
function __corebgp_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    set -l program $words[1]
    set -e words[1]
    set -l lines ($program complete ":"(string join -- \\x1f $words "$current") 2> /dev/null)
    if test "$lines[1]" = "${fileDirective}"
        __fish_complete_path "$current"
        return
    end
    printf '%s\\n' $lines
end
complete -c corebgp -f -a '(__corebgp_complete)'
`;

export const scripts: Readonly<Record<string, string>> = { bash, zsh, fish };

export const verb: Verb = {
  define: (command, shell, run) => {
    command
      .argument('<shell>', Object.keys(scripts).join(', '))
      .addHelpText(
        'after',
        examples(
          'corebgp completion bash > ~/.local/share/bash-completion/completions/corebgp',
          'corebgp completion zsh > ~/.zfunc/_corebgp',
          'corebgp completion fish > ~/.config/fish/completions/corebgp.fish',
        ),
      )
      .action((name: string) => run(print(name, shell)));
  },
};

async function print(name: string, shell: Shell): Promise<undefined> {
  const script = Object.hasOwn(scripts, name) ? scripts[name] : undefined;
  if (script === undefined) {
    throw new CoreBgpError(
      'invalid',
      `There is no completion for "${name}"; there is for ${Object.keys(scripts).join(', ')}.`,
    );
  }
  shell.stdout.write(script);
  return undefined;
}
