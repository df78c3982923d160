import {expect, test} from 'vitest'
import {buildpackNames, namedBuildpack, withBuildpack, withBuildpackAt, withoutBuildpack} from '../../../src/lib/cli/buildpack-list.js'

test('a folder is kept by its whole path', () => {
  expect(namedBuildpack('./bp', '/home/me')).toBe('/home/me/bp')
  expect(namedBuildpack('../bp', '/home/me')).toBe('/home/bp')
  expect(namedBuildpack('/srv/bp', '/home/me')).toBe('/srv/bp')
  expect(namedBuildpack('heroku/nodejs', '/home/me')).toBe('heroku/nodejs')
})

const two = ['heroku/nodejs', 'heroku/ruby']

test('names come in their order and without the registry prefix', () => {
  const url = (ordinal: number, text: string) => ({ordinal, buildpack: {url: text, name: text}})
  expect(buildpackNames([url(1, 'https://example.com/b.git'), url(0, 'urn:buildpack:heroku/ruby')])).toEqual([
    'heroku/ruby',
    'https://example.com/b.git',
  ])
})

test('adding puts it at the end, or before the one at that place', () => {
  expect(withBuildpack(two, 'heroku/python', undefined)).toEqual(['heroku/nodejs', 'heroku/ruby', 'heroku/python'])
  expect(withBuildpack(two, 'heroku/python', 1)).toEqual(['heroku/python', 'heroku/nodejs', 'heroku/ruby'])
  expect(withBuildpack(two, 'heroku/python', 9)).toEqual(['heroku/nodejs', 'heroku/ruby', 'heroku/python'])
  expect(() => withBuildpack(two, 'heroku/ruby', undefined)).toThrow('The buildpack heroku/ruby is already set on your app.')
})

test('setting replaces the first one, or the one at that place, or adds where there is none', () => {
  expect(withBuildpackAt(two, 'heroku/python', undefined)).toEqual(['heroku/python', 'heroku/ruby'])
  expect(withBuildpackAt(two, 'heroku/python', 2)).toEqual(['heroku/nodejs', 'heroku/python'])
  expect(withBuildpackAt(two, 'heroku/python', 7)).toEqual(['heroku/nodejs', 'heroku/ruby', 'heroku/python'])
  expect(withBuildpackAt([], 'heroku/python', undefined)).toEqual(['heroku/python'])
})

test('removing goes by name or by place and refuses what is not there', () => {
  expect(withoutBuildpack(two, {buildpack: 'heroku/ruby'})).toEqual(['heroku/nodejs'])
  expect(withoutBuildpack(two, {index: 1})).toEqual(['heroku/ruby'])
  expect(() => withoutBuildpack(two, {index: 3})).toThrow('Please choose a value between 1 and 2')
  expect(() => withoutBuildpack(['heroku/ruby'], {index: 2})).toThrow('Only valid value is 1.')
  expect(() => withoutBuildpack(two, {buildpack: 'heroku/go'})).toThrow('Buildpack not found. Nothing was removed.')
})
