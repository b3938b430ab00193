using System.Collections;
using System.CommandLine;
using Engine.Server.Configuration;

namespace Engine.Server.Commands;

/// <summary>
/// An option for each setting that a command needs, and --config: files, then the environment, then the command line.
/// </summary>
internal sealed class ServeSettings
{
    private readonly Option<string[]> _files = new("--config", "--limits")
    {
        Description = "A JSON file of settings; `engine config schema` describes it. Later files override earlier "
            + "ones, the environment (ENGINE_POLL_MILLISECONDS, ...) overrides files, and options override both.",
        DefaultValueFactory = _ => [],
    };

    private readonly List<(Setting Setting, Func<ParseResult, object?> Value)> _options = [];

    /// <summary>Adds the options to the command.</summary>
    /// <param name="command">The command.</param>
    /// <param name="isNeeded">Which settings; null for all.</param>
    public ServeSettings(Command command, Func<Setting, bool>? isNeeded = null)
    {
        command.Add(_files);
        foreach (var setting in Setting.All.Where(setting => isNeeded?.Invoke(setting) ?? true))
        {
            if (setting.Type == typeof(int))
            {
                Add<int>(command, setting);
            }
            else if (setting.Type == typeof(bool))
            {
                Add<bool>(command, setting);
            }
            else if (setting.Type == typeof(string[]))
            {
                Add<string[]>(command, setting);
            }
            else
            {
                Add<string>(command, setting);
            }
        }
    }

    /// <summary>What files, environment and command line say.</summary>
    /// <exception cref="InputException">A setting is unknown, or has a value that it cannot have.</exception>
    public ServerConfiguration Of(ParseResult parsed, IDictionary environment)
    {
        var settings = new ServerConfiguration();
        foreach (var file in parsed.GetRequiredValue(_files))
        {
            settings.AddFile(file);
        }

        settings.AddEnvironment(environment);
        settings.AddGiven(_options.Select(option => (option.Setting, option.Value(parsed))));
        return settings.Problems.Count switch
        {
            0 => settings,
            1 => throw new InputException(settings.Problems[0]),
            var count => throw new InputException(
                $"{settings.Problems[0]} ({count - 1} more; `engine config check FILE` lists those of a file)"),
        };
    }

    private void Add<T>(Command command, Setting setting)
    {
        var option = new Option<T>(setting.Option)
        {
            Description = setting.Range is null
                ? setting.Description
                : $"{setting.Description} Range: {setting.Expected}.",
            DefaultValueFactory = _ => (T)Setting.WordOf(setting.Default),
            AllowMultipleArgumentsPerToken = typeof(T) == typeof(string[]),
        };
        if (setting.Type.IsEnum)
        {
            option.AcceptOnlyFromAmong([.. setting.Words]);
        }

        command.Add(option);
        _options.Add((setting, parsed => parsed.GetResult(option) is not { Implicit: false } ? null
            : parsed.GetRequiredValue(option) is string text ? setting.Parse(text)
            : parsed.GetRequiredValue(option)));
    }
}
