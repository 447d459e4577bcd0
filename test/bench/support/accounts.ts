import { type Client, createMultiple } from './client.ts'

/** Thirty columns: texts, numbers, money, choices, dates, lookups; the rest of what is sent is brought along by the server. */
export const selected = [
  'accountid',
  'accountnumber',
  'name',
  'telephone1',
  'emailaddress1',
  'websiteurl',
  'description',
  'address1_line1',
  'address1_city',
  'address1_postalcode',
  'address1_country',
  'sic',
  'tickersymbol',
  'numberofemployees',
  'sharesoutstanding',
  'revenue',
  'creditlimit',
  'creditonhold',
  'donotemail',
  'industrycode',
  'customertypecode',
  'statecode',
  'statuscode',
  'createdon',
  'modifiedon',
  '_primarycontactid_value',
  '_parentaccountid_value',
  '_ownerid_value',
  '_createdby_value',
  '_transactioncurrencyid_value',
]

/** Rows that others point at. */
export interface Targets {
  contacts: readonly string[]
  parents: readonly string[]
}

/** Makes the rows that others will point at. */
export async function createTargets(client: Client): Promise<Targets> {
  const create = async (set: string, row: (index: number) => Record<string, unknown>) => {
    const rows = Array.from({ length: 500 }, (_, index) => row(index))
    return (await client.json<{ Ids: string[] }>(createMultiple(set, rows))).Ids
  }
  return {
    contacts: await create('contacts', (index) => ({ firstname: 'Ada', lastname: `Contact ${index}` })),
    parents: await create('accounts', (index) => ({ name: `Parent ${index}` })),
  }
}

/** Rows with the numbers from one on. */
export function accounts(first: number, count: number, targets: Targets): Record<string, unknown>[] {
  return Array.from({ length: count }, (_, index) => account(first + index, targets))
}

/** A row with a value in each of the columns that a client can write. */
export function account(number: number, { contacts, parents }: Targets): Record<string, unknown> {
  return {
    accountnumber: accountNumber(number),
    name: `Account ${number}, Ltd`,
    telephone1: `+44 20 7946 ${number % 10_000}`,
    emailaddress1: `office${number}@example.com`,
    websiteurl: `https://www.example.com/${number}`,
    description: `Buys by the dozen, pays within ${number % 60} days, and wants every invoice on paper.`,
    address1_line1: `${number % 200} High Street`,
    address1_city: `City ${number % 100}`,
    address1_postalcode: `N${number % 1_000}`,
    address1_country: 'United Kingdom',
    sic: `${number % 10_000}`,
    tickersymbol: `T${number % 500}`,
    numberofemployees: number % 50_000,
    sharesoutstanding: number % 1_000_000,
    revenue: (number % 10_000) * 12.5,
    creditlimit: (number % 100) * 1_000,
    creditonhold: number % 7 === 0,
    donotemail: number % 5 === 0,
    industrycode: (number % 30) + 1,
    customertypecode: (number % 12) + 1,
    'primarycontactid@odata.bind': `/contacts(${contacts[number % contacts.length]})`,
    'parentaccountid@odata.bind': `/accounts(${parents[number % parents.length]})`,
  }
}

export function accountNumber(number: number): string {
  return `A${String(number).padStart(8, '0')}`
}
