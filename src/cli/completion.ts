/** `signalbox completion bash | zsh | fish`: prints a script for the shell, made from the commands themselves. */
import type { Command } from 'commander';
import { print, UsageError } from './server-options.ts';

export const addCompletion = (program: Command): void => {
  program
    .command('completion <shell>')
    .description('print the completion for bash, zsh or fish: source <(signalbox completion bash)')
    .action((shell: string) => {
      const script = SCRIPTS[shell];
      if (script === undefined)
        throw new UsageError(`completion ${shell}: must be one of ${Object.keys(SCRIPTS).join(', ')}`);
      print(script(wordsOf(program)));
    });
};

/** The words after each command: its subcommands and options. The empty name is the program itself. */
type Words = readonly (readonly [string, readonly string[]])[];

const wordsOf = (program: Command): Words => {
  const after = (command: Command) => [
    ...command.commands.map((inner) => inner.name()),
    ...command.options.flatMap(({ long }) => (long == null ? [] : [long])),
  ];
  return [['', after(program)], ...program.commands.map((command) => [command.name(), after(command)] as const)];
};

const bash = (words: Words) => `_signalbox() {
  local words
  case "\${COMP_WORDS[1]}" in
${words
  .slice(1)
  .map(([name, after]) => `    ${name}) words="${after.join(' ')}" ;;`)
  .join('\n')}
    *) words="${words[0]?.[1].join(' ')}" ;;
  esac
  [ "$COMP_CWORD" -eq 1 ] && words="${words[0]?.[1].join(' ')}"
  COMPREPLY=($(compgen -W "$words" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -o default -F _signalbox signalbox`;

const zsh = (words: Words) => `autoload -U +X bashcompinit && bashcompinit\n${bash(words)}`;

const fish = (words: Words) =>
  words
    .flatMap(([name, after]) => {
      const when = name === '' ? '__fish_use_subcommand' : `__fish_seen_subcommand_from ${name}`;
      return after.map((word) =>
        word.startsWith('--')
          ? `complete -c signalbox -n '${when}' -l ${word.slice(2)}`
          : `complete -c signalbox -n '${when}' -a ${word}`,
      );
    })
    .join('\n');

const SCRIPTS: Readonly<Record<string, (words: Words) => string>> = { bash, zsh, fish };
