using System.CommandLine;
using System.Text.Json;
using Engine.Server.Configuration;
using Engine.Snapshots;

namespace Engine.Server.Commands;

/// <summary>config: the schema of the configuration file, and its check before it reaches a server.</summary>
internal static class ConfigCommand
{
    private static readonly JsonSerializerOptions Json = new()
    {
        WriteIndented = true,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>The verb with its two actions.</summary>
    public static Command Create() =>
        new("config", "The configuration file of serve: its schema, and a check.") { Schema(), Check() };

    private static Command Schema()
    {
        var command = new Command("schema", "Print the JSON schema: every setting with its range and default.");
        command.SetAction(_ => Console.WriteLine(SettingSchema.Create().ToJsonString(Json)));
        return command;
    }

    private static Command Check()
    {
        var path = new Argument<string>("file") { Description = "A configuration file." };
        var json = JsonOutput.Option();
        var command = new Command(
            "check", "Check names and values of a file. Exit code 0: serve takes it; 1: every mistake, a line each.")
        {
            path,
            json,
        };
        command.SetAction(parsed =>
        {
            var file = parsed.GetRequiredValue(path);
            var configuration = new ServerConfiguration();
            configuration.AddFile(file);
            foreach (var problem in configuration.Problems)
            {
                Console.Error.WriteLine($"error: {problem}");
            }

            if (configuration.Problems.Count == 0)
            {
                ListenAddress.Parse(configuration.Options.Urls);
            }

            if (parsed.GetValue(json))
            {
                Console.WriteLine(JsonText.Of(new { File = file, configuration.Problems }));
            }
            else if (configuration.Problems.Count == 0)
            {
                Console.WriteLine($"{file} is valid.");
            }

            return configuration.Problems.Count == 0 ? 0 : 1;
        });
        return command;
    }
}
