using System.CommandLine;
using System.Runtime.InteropServices;
using Trainer.Models.Factors;
using Trainer.Models.Matrices;

namespace Bench;

/// <summary>
/// Trains ALS on a folder of interactions and writes items.f32 and users.f32, for the other verbs and for peers.
/// </summary>
internal static class FactorsCommand
{
    public static Command Create()
    {
        var data = new Option<DirectoryInfo>("--data")
        {
            Description = "Folder of interactions",
            Required = true,
        };
        var output = new Option<DirectoryInfo>("--out")
        {
            Description = "Folder for the factor files",
            Required = true,
        };
        var factors = new Option<int>("--factors") { Description = "Floats of a row", DefaultValueFactory = _ => 64 };
        var epochs = new Option<int>("--epochs") { Description = "Epochs of ALS", DefaultValueFactory = _ => 8 };
        var command = new Command("factors", "Train factor files from interactions")
        {
            data,
            output,
            factors,
            epochs,
        };
        command.SetAction(parsed => Run(
            parsed.GetRequiredValue(data).FullName,
            parsed.GetRequiredValue(output).FullName,
            parsed.GetRequiredValue(factors),
            parsed.GetRequiredValue(epochs)));
        return command;
    }

    private static void Run(string data, string output, int factors, int epochs)
    {
        var interactions = InteractionFiles.Read(data, binary: false);
        var options = new AlsOptions
        {
            Factors = factors,
            Epochs = epochs,
            UnobservedWeight = AlsOptions.SuggestUnobservedWeight(interactions),
        };
        var model = Als.Train(
            interactions,
            options,
            new(),
            progress: epoch => Console.WriteLine($"epoch {epoch.Number}: {epoch.Time.TotalSeconds:0.0} s"));
        Directory.CreateDirectory(output);
        Write(Path.Combine(output, "items.f32"), model.Items);
        Write(Path.Combine(output, "users.f32"), model.Users);
    }

    private static void Write(string path, FactorMatrix factors)
    {
        using var file = new BufferedStream(File.Create(path), 1 << 20);
        for (var row = 0; row < factors.RowCount; row++)
        {
#pragma warning disable RS0030 // The same, written.
            file.Write(MemoryMarshal.AsBytes(factors.Row(row)));
#pragma warning restore RS0030
        }
    }
}
