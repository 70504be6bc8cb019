import { minPasswordLength } from './password';

/** Errors in the fields of a new account, by the name of the field. */
export function validatePerson({ name, email, password }: { name: string; email: string; password: string }): Record<string, string> {
  return {
    ...(!name.trim() && { name: 'How should people call you?' }),
    ...(!/^\S+@\S+$/.test(email.trim()) && { email: 'This is not an email address.' }),
    ...([...password].length < minPasswordLength && { password: `At least ${minPasswordLength} characters.` }),
  };
}
