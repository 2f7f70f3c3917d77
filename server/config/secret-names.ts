/** Names of environment variables that hold secrets. They reach commands only if the user lists them. */

const secretName = /KEY|SECRET|TOKEN|PASSW|CREDENTIAL|^AWS_|^SSH_AUTH_SOCK$/i;

export const isSecretName = (name: string): boolean => secretName.test(name);
