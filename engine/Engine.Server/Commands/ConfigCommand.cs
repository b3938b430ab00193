using System.CommandLine;
using System.Text.Json;
using Engine.Server.Configuration;
using Engine.Server.Hosting;
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
            "check",
            "Check names and values of a file. Exit code 0: serve takes them; 1: every mistake, a line each. "
            + "The files and folders that it names are not looked at, and neither are keys.")
        {
            path,
            json,
        };
        command.SetAction(parsed =>
        {
            var file = parsed.GetRequiredValue(path);
            var configuration = new ServerConfiguration();
            configuration.AddFile(file);
            string[] problems =
            [
                .. configuration.Problems,
                .. Conflicts(configuration.Options).Select(conflict => $"{file}: {conflict}"),
            ];
            foreach (var problem in problems)
            {
                Console.Error.WriteLine($"error: {problem}");
            }

            if (parsed.GetValue(json))
            {
                Console.WriteLine(JsonText.Of(new { File = file, Problems = problems }));
            }
            else if (problems.Length == 0)
            {
                Console.WriteLine($"{file} is valid.");
            }

            return problems.Length == 0 ? 0 : 1;
        });
        return command;
    }

    // As serve does before it opens a port. Keys may be made after the check: they are taken to be there.
    private static IEnumerable<string> Conflicts(ServerOptions options)
    {
        string[] addresses = [];
        try
        {
            Endpoints.Check(ListenAddress.Of(options), options, hasKeys: true);
        }
        catch (InputException e)
        {
            addresses = [e.Message];
        }

        return options.Conflicts().Concat(addresses);
    }
}
