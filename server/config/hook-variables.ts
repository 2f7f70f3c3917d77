/** Variables that a settings file sets for its hooks. Pure. */

/** Variables that make programs load code. */
const CODE_LOADING =
  /^(LD_|DYLD_|BASH_ENV$|ENV$|NODE_OPTIONS$|PYTHONSTARTUP$|PERL5OPT$|PERL5LIB$|RUBYOPT$|GIT_EXEC_PATH$|GIT_SSH)/;

export const loadsCode = (name: string): boolean => CODE_LOADING.test(name);

/** `$NAME` and `${NAME}`; `${NAME:-default}` where it is missing or empty. An unknown variable stays as it is, for a shell. */
export const expandHookVariables = (text: string, env: Readonly<Record<string, string | undefined>>): string =>
  text.replace(/\$(?:\{(\w+)(?::-([^{}]*))?\}|([A-Za-z_]\w*))/g, (whole, braced, fallback, plain) => {
    const value = env[braced ?? plain];
    return (fallback !== undefined && value === "" ? fallback : value) ?? fallback ?? whole;
  });

/** The variables of a file, filled in from `env`; a value may use those before it. */
export function resolveHookVariables(
  variables: Readonly<Record<string, string>>,
  env: Readonly<Record<string, string | undefined>>,
): Record<string, string> {
  const resolved: Record<string, string> = {};
  for (const [name, value] of Object.entries(variables))
    if (!loadsCode(name)) resolved[name] = expandHookVariables(value, { ...env, ...resolved });
  return resolved;
}
