using System.Globalization;

namespace Bench.Attacks;

/// <summary>Memory and processor time of another process, from /proc (Linux).</summary>
/// <param name="pid">The process; 0 measures nothing.</param>
internal sealed class ProcessMeter(int pid)
{
    private const double TicksPerSecond = 100;

    /// <summary>MiB that are resident now.</summary>
    public long Resident => Status("VmRSS:");

    /// <summary>MiB that were resident at most since <see cref="ResetPeak"/>.</summary>
    public long Peak => Status("VmHWM:");

    /// <summary>Processor seconds since its start.</summary>
    public double Processor
    {
        get
        {
            if (pid == 0)
            {
                return 0;
            }

            var text = File.ReadAllText($"/proc/{pid}/stat");
            var fields = text[(text.LastIndexOf(')') + 2)..].Split(' ');
            return (double.Parse(fields[11], CultureInfo.InvariantCulture)
                + double.Parse(fields[12], CultureInfo.InvariantCulture)) / TicksPerSecond;
        }
    }

    /// <summary>Starts the peak over; without the right to do so it stays what it was.</summary>
    public void ResetPeak()
    {
        try
        {
            File.WriteAllText($"/proc/{pid}/clear_refs", "5");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Console.Error.WriteLine($"the peak is that of the whole run: {e.Message}");
        }
    }

    private long Status(string name) => pid == 0 ? 0
        : long.Parse(File
            .ReadLines($"/proc/{pid}/status")
            .First(line => line.StartsWith(name, StringComparison.Ordinal))
            .Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2], CultureInfo.InvariantCulture) >> 10;
}
