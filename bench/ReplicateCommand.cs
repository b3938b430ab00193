using System.CommandLine;
using System.Runtime.InteropServices;

namespace Bench;

/// <summary>Writes the rows that --replicate searches, so that peers can be given the very same numbers.</summary>
internal static class ReplicateCommand
{
    public static Command Create()
    {
        var items = new Option<FileInfo>("--items")
        {
            Description = "Factors: raw little-endian float32, row-major",
            Required = true,
        };
        var factors = new Option<int>("--factors") { Description = "Floats of a row", DefaultValueFactory = _ => 64 };
        var copies = new Option<int>("--replicate")
        {
            Description = "Copies, with jitter",
            DefaultValueFactory = _ => 10,
        };
        var output = new Option<FileInfo>("--out") { Description = "The file to write", Required = true };
        var command = new Command(
            "replicate", "Write a factor file several times over, with jitter, in descending norm")
        {
            items,
            factors,
            copies,
            output,
        };
        command.SetAction(parsed =>
        {
            var rows = BenchData.Read(
                parsed.GetRequiredValue(items).FullName,
                parsed.GetValue(factors),
                parsed.GetValue(copies),
                byNorm: true);
            using var file = new BufferedStream(File.Create(parsed.GetRequiredValue(output).FullName), 1 << 20);
            for (var row = 0; row < rows.Rows; row++)
            {
#pragma warning disable RS0030 // A file of raw floats is written as its bytes.
                file.Write(MemoryMarshal.AsBytes(rows[row][..rows.Columns]));
#pragma warning restore RS0030
            }
        });
        return command;
    }
}
