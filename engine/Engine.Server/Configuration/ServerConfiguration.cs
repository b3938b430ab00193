using System.Collections;
using System.Text.Json;
using Engine.Server.Errors;

namespace Engine.Server.Configuration;

/// <summary>
/// Settings from files, the environment and the command line: each overrides those before. What is wrong is kept as a
/// sentence with the place, so that all mistakes are named at once.
/// </summary>
internal sealed class ServerConfiguration
{
    private static readonly JsonDocumentOptions Json = new()
    {
        CommentHandling = JsonCommentHandling.Skip,
        AllowTrailingCommas = true,
        AllowDuplicateProperties = false,
    };

    private readonly List<string> _problems = [];
    private readonly List<string> _warnings = [];

    /// <summary>The settings so far.</summary>
    public ServerOptions Options { get; } = new();

    /// <summary>What is wrong, a sentence each.</summary>
    public IReadOnlyList<string> Problems => _problems;

    /// <summary>What is probably a mistake, a sentence each.</summary>
    public IReadOnlyList<string> Warnings => _warnings;

    /// <summary>Reads a JSON object of settings. Its "$schema" is for editors.</summary>
    public void AddFile(string path)
    {
        try
        {
            using var document = JsonDocument.Parse(File.ReadAllText(path), Json);
            if (document.RootElement.ValueKind != JsonValueKind.Object)
            {
                _problems.Add(
                    $"{path}: found a JSON {document.RootElement.ValueKind}; expected an object of settings, "
                    + "for example { \"poll_milliseconds\": 1000 }");
                return;
            }

            foreach (var property in document.RootElement.EnumerateObject().Where(item => item.Name != "$schema"))
            {
                if (Setting.All.FirstOrDefault(setting => setting.Name == property.Name) is { } setting)
                {
                    var found = property.Value.GetRawText();
                    Add(setting, setting.Read(property.Value), $"{path}: found {setting.Name} {found}");
                }
                else
                {
                    _problems.Add(
                        $"{path}: there is no setting '{property.Name}'"
                        + Near(property.Name, Setting.All.Select(known => known.Name)));
                }
            }
        }
        catch (JsonException e)
        {
            _problems.Add($"{path} is no JSON document: {e.Message}");
        }
        catch (Exception e) when (MachineFault.Of(e) is not null)
        {
            _problems.Add($"{path}: {MachineFault.Sentence(e)}");
        }
    }

    /// <summary>
    /// Reads the variables that begin with ENGINE_. An unknown one is a warning alone: Kubernetes, for example, sets
    /// ENGINE_PORT for a service of the name engine.
    /// </summary>
    public void AddEnvironment(IDictionary variables)
    {
        foreach (var name in variables.Keys.Cast<string>()
            .Where(name => name.StartsWith(Setting.EnvironmentPrefix, StringComparison.Ordinal))
            .Order(StringComparer.Ordinal))
        {
            var text = (string)variables[name]!;
            if (Setting.All.FirstOrDefault(setting => setting.Variable == name) is { } setting)
            {
                Add(setting, setting.Parse(text), $"found {name} {text}");
            }
            else if (Near(name, Setting.All.Select(known => known.Variable)) is { Length: > 0 } near)
            {
                _warnings.Add($"the environment variable {name} is ignored: there is no such setting{near}");
            }
        }
    }

    /// <summary>Takes values of the command line; null values were not given.</summary>
    public void AddGiven(IEnumerable<(Setting Setting, object? Value)> values)
    {
        foreach (var (setting, value) in values)
        {
            if (value is not null)
            {
                Add(setting, value, $"found {setting.Option} {value}");
            }
        }
    }

    private void Add(Setting setting, object? value, string found)
    {
        if (value is not null && setting.Holds(value))
        {
            setting.Set(Options, value);
        }
        else
        {
            _problems.Add($"{found}; expected {setting.Expected}");
        }
    }

    private static string Near(string found, IEnumerable<string> known) =>
        Names.Nearest(found, known) is { } near ? $"; did you mean {near}?" : "";
}
