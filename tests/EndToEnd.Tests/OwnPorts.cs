using System.Net;
using System.Net.Sockets;

namespace EndToEnd.Tests;

/// <summary>
/// Ports for programs that must be told where to listen. The system gives them to nobody who leaves the choice to it:
/// no other test takes one between its choice and the start of the program, or while the program is restarted.
/// </summary>
internal static class OwnPorts
{
    // Below those that Linux chooses itself, from 32768 on.
    private const int First = 20_000;
    private const int Count = 10_000;

    // Tests of other working copies may run on this machine, in processes with numbers near this one's.
    private const int Step = 7;

    private static int _taken = Environment.ProcessId;

    /// <summary>A port that nobody listens on, and that nobody else gets from here.</summary>
    public static int Take()
    {
        while (true)
        {
            var port = First + (int)((uint)Interlocked.Add(ref _taken, Step) % Count);
            if (IsFree(port))
            {
                return port;
            }
        }
    }

    private static bool IsFree(int port)
    {
        using var listener = new TcpListener(IPAddress.Loopback, port);
        try
        {
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
