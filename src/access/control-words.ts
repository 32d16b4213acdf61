const words: Readonly<Record<string, string>> = {
  block: 'nothing: the policy blocks',
  mfa: 'a second factor',
  compliantDevice: 'a compliant device',
  domainJoinedDevice: 'a device that is joined to the domain',
  approvedApplication: 'an approved app',
  compliantApplication: 'a protected app',
  passwordChange: 'a new password',
  riskRemediation: 'risk that was put right',
  verifiedID: 'a verified identity',
  signInFrequency: 'a fresh sign-in',
}

const prefixed: Readonly<Record<string, string>> = {
  authenticationStrength: 'sign-in methods of the strength',
  termsOfUse: 'the terms of use',
  customAuthenticationFactor: 'the control',
}

/** Controls that a policy demands, in words for an administrator; one that is not known by its name. */
export function controlsInWords(controls: readonly string[]): string {
  return controls.map(inWords).join(', ')
}

function inWords(control: string): string {
  const [kind = '', ...rest] = control.split(':')
  if (rest.length === 0) return Object.hasOwn(words, control) ? (words[control] ?? '') : control
  return Object.hasOwn(prefixed, kind) ? `${prefixed[kind]} ${rest.join(':')}` : control
}
