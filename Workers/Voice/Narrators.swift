import CommandVoice
import Fleet
import Foundation
import HTTP
import OfflineVoice
import Production
import Speakers

extension FleetConfiguration {
    /// Who speaks: all voices that are set up, in the configured order.
    ///
    /// - Throws: `ConfigurationError` if a voice that costs money has no price.
    func narrators(by caller: HTTPCaller, environment: [String: String]) throws -> NarratorChain {
        let prices = try PriceFile.load(priceFile).list
        guard let format = SoundFormat(elevenLabs: elevenLabs.format) else {
            throw ConfigurationError(problems: [
                ConfigurationProblem(
                    key: "elevenlabs.format", source: nil, found: elevenLabs.format,
                    expected: "it should be one of ElevenLabs' mp3, wav or pcm formats, such as mp3_44100_128")
            ])
        }
        let settings = SpeakersSettings(
            elevenLabs: elevenLabsSettings(format), openAI: speechSettings, order: voice.order)
        let problems = unpricedVoices(in: prices)
        guard problems.isEmpty else { throw ConfigurationError(problems: problems) }
        return settings.chain(local: localVoices(environment), prices: prices, caller: caller)
    }

    private func localVoices(_ environment: [String: String]) -> [any Narrator] {
        let languages = voice.commandLanguages.isEmpty ? [CommandVoice.anyLanguage] : voice.commandLanguages
        guard let command = VoiceCommand(voice.command) else { return [OfflineVoice()] }
        let commands = Dictionary(languages.map { ($0, command) }) { first, _ in first }
        return [CommandVoice(commands, environment: environment), OfflineVoice()]
    }

    private func elevenLabsSettings(_ format: SoundFormat) -> ElevenLabsSettings? {
        guard let key = elevenLabs.key else { return nil }
        return ElevenLabsSettings(
            key: key, base: elevenLabs.baseURL, model: elevenLabs.model, voices: VoicesByLanguage(elevenLabs.voices),
            format: format,
            manner: ElevenLabsSettings.Manner(
                stability: elevenLabs.stability, similarityBoost: elevenLabs.similarity, speed: elevenLabs.speed))
    }

    private var speechSettings: OpenAISpeechSettings? {
        guard openAI.isSetUp, let model = openAI.speech.model else { return nil }
        let isOpenAI = openAI.kind == .openAI
        return OpenAISpeechSettings(
            key: openAI.key, base: openAI.speech.baseURL ?? openAI.baseURL ?? "https://api.openai.com/v1", model: model,
            voices: VoicesByLanguage(openAI.speech.voices), speed: openAI.speech.speed,
            instructions: openAI.speech.instructions, organization: openAI.organization, project: openAI.project,
            isPaid: isOpenAI)
    }
}
